import { Command } from 'commander'
import type { RecordedOrchestration } from '../../model/build/history.js'
import type { Context } from '../process/context.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import { withGraph } from '../connect/with-graph.js'
import { addConfigOption } from '../flags/common-options.js'
import { chooseOrchestration } from '../../app/history/choose-orchestration.js'
import { openStore } from '../connect/open-store.js'
import type { Messages } from '../output/messages.js'
import type { HistoryFlags } from '../flags/common-options.js'

/** `orch show`: one orchestration from its journal. */
export function showCommand(action: (named: string | undefined, flags: HistoryFlags) => Promise<void>): Command {
  const command = new Command('show')
    .description('show one orchestration: its jobs, attempts, links, durations, statuses and outcome')
    .argument(
      '[id|branch]',
      'id of the orchestration, its first or last characters, or a branch (default: the latest one)',
    )
  return addConfigOption(command)
    .option('--sandbox', 'orchestrations of the embedded GitHub')
    .option('--json', 'one JSON document')
    .action((named: string | undefined, flags: HistoryFlags) => action(named, flags))
}

export async function printOrchestration(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: HistoryFlags,
): Promise<ExitCode> {
  return withGraph(context, messages, flags, async (loaded) => {
    const found = await chooseOrchestration(openStore(context, loaded), named, 'show')
    if (!found.ok) return messages.reportProblems(found.problems)
    await print(messages, found.value, context.clock.now(), flags.json === true)
    return exitCodes.success
  })
}

async function print(messages: Messages, entry: RecordedOrchestration, now: number, asJson: boolean): Promise<void> {
  if (asJson) {
    const [{ jsonDocument }, { orchestrationToJson }] = await Promise.all([
      import('../../report/json/json.js'),
      import('../../report/json/orchestration-json.js'),
    ])
    messages.stdout.write(jsonDocument(orchestrationToJson(entry, now)))
  } else {
    const { renderOrchestration } = await import('../../report/views/orchestration-view.js')
    messages.stdout.write(renderOrchestration(entry, now, messages.view))
  }
}
