import { Command } from 'commander'
import type { RecordedOrchestration } from '../../model/build/history.js'
import type { Context } from '../process/context.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import { loadGraph } from '../connect/graph-file.js'
import { showOrchestration } from '../../app/show-orchestration.js'
import { openStore } from '../connect/open-store.js'
import type { Messages } from '../output/messages.js'
import type { HistoryFlags } from './list.js'

/** `orch show`: one orchestration from its journal. */
export function showCommand(action: (id: string, flags: HistoryFlags) => Promise<void>): Command {
  return new Command('show')
    .description('show one orchestration: its jobs, attempts, links, durations, statuses and outcome')
    .argument('<id>', 'id of the orchestration, or how it begins (orch list shows them)')
    .option('-c, --config <file>', 'graph file (default: ORCH_CONFIG, else the nearest orchestrator.yaml upwards)')
    .option('--sandbox', 'those that ran against the embedded GitHub')
    .option('--json', 'one JSON document')
    .action((id: string, flags: HistoryFlags) => action(id, flags))
}

export async function printOrchestration(
  context: Context,
  messages: Messages,
  id: string,
  flags: HistoryFlags,
): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  const { warnings } = loaded.value
  if (warnings !== '') messages.stderr.write(warnings)
  const found = await showOrchestration(openStore(context, loaded.value), id)
  if (!found.ok) return messages.reportProblems(found.problems)
  await print(messages, found.value, context.clock.now(), flags.json === true)
  return exitCodes.success
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
