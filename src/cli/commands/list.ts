import { Command } from 'commander'
import type { Context } from '../process/context.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import { withGraph } from '../connect/with-graph.js'
import { addConfigOption } from '../flags/common-options.js'
import type { HistoryFlags } from '../flags/common-options.js'
import type { HistoryEntry } from '../../model/build/history.js'
import { readHistory } from '../../app/history/read-history.js'
import { openStore } from '../connect/open-store.js'
import type { Messages } from '../output/messages.js'

/** `orch list`: the orchestrations of the graph file. */
export function listCommand(action: (flags: HistoryFlags) => Promise<void>): Command {
  const command = new Command('list').description('list the orchestrations of this graph file, newest first')
  return addConfigOption(command)
    .option('--sandbox', 'orchestrations of the embedded GitHub')
    .option('--json', 'one JSON document')
    .action((flags: HistoryFlags) => action(flags))
}

export async function listOrchestrations(context: Context, messages: Messages, flags: HistoryFlags): Promise<ExitCode> {
  return withGraph(context, messages, flags, async (loaded) => {
    const history = await readHistory(openStore(context, loaded))
    await print(messages, history, context.clock.now(), flags.json === true)
    return exitCodes.success
  })
}

async function print(
  messages: Messages,
  history: readonly HistoryEntry[],
  now: number,
  asJson: boolean,
): Promise<void> {
  if (asJson) {
    const [{ jsonDocument }, { historyToJson }] = await Promise.all([
      import('../../report/json/json.js'),
      import('../../report/json/history-json.js'),
    ])
    messages.stdout.write(jsonDocument(historyToJson(history, now)))
  } else {
    const { renderHistory } = await import('../../report/views/orchestration-view.js')
    messages.stdout.write(renderHistory(history, now, messages.view))
  }
}
