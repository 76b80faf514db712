import { Command, Option } from 'commander'
import type { Context } from '../process/context.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import { withGraph } from '../connect/with-graph.js'
import { addConfigOption, countArgument } from '../flags/common-options.js'
import type { HistoryFlags } from '../flags/common-options.js'
import type { HistoryEntry } from '../../model/build/history.js'
import { historyStates, readHistory } from '../../app/history/read-history.js'
import type { HistoryState } from '../../app/history/read-history.js'
import { openStore } from '../connect/open-store.js'
import type { Messages } from '../output/messages.js'

export interface ListFlags extends HistoryFlags {
  branch?: string
  state?: HistoryState
  limit?: number
}

/** `orch list`: the orchestrations of the graph file. */
export function listCommand(action: (flags: ListFlags) => Promise<void>): Command {
  const command = new Command('list').description('list the orchestrations of this graph file, newest first')
  return addConfigOption(command)
    .option('-b, --branch <branch>', 'only those of this branch')
    .addOption(new Option('-s, --state <state>', 'only those in this state').choices(historyStates))
    .option('-L, --limit <number>', 'at most this many (default: all)', countArgument)
    .option('--sandbox', 'orchestrations of the embedded GitHub')
    .option('--json', 'one JSON document')
    .action((flags: ListFlags) => action(flags))
}

export async function listOrchestrations(context: Context, messages: Messages, flags: ListFlags): Promise<ExitCode> {
  return withGraph(context, messages, flags, async (loaded) => {
    const { branch, state, limit } = flags
    const history = await readHistory(openStore(context, loaded), {
      ...(branch === undefined ? {} : { branch }),
      ...(state === undefined ? {} : { state }),
      ...(limit === undefined ? {} : { limit }),
    })
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
