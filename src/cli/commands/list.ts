import { Command } from 'commander'
import type { Context } from '../process/context.js'
import type { ExitCode } from '../output/exit-codes.js'
import { exitCodes } from '../output/exit-codes.js'
import { loadGraph } from '../connect/graph-file.js'
import { readHistory } from '../../app/history/read-history.js'
import { openStore } from '../connect/open-store.js'
import type { Messages } from '../output/messages.js'

/** Flags of the commands that read the journals beside a graph file. */
export interface HistoryFlags {
  config?: string
  sandbox?: boolean
  json?: boolean
}

/** `orch list`: the orchestrations kept beside the graph file. */
export function listCommand(action: (flags: HistoryFlags) => Promise<void>): Command {
  return new Command('list')
    .description('list the orchestrations kept here, newest first')
    .option('-c, --config <file>', 'graph file (default: ORCH_CONFIG, else the nearest orchestrator.yaml upwards)')
    .option('--sandbox', 'those that ran against the embedded GitHub')
    .option('--json', 'one JSON document')
    .action((flags: HistoryFlags) => action(flags))
}

export async function listOrchestrations(context: Context, messages: Messages, flags: HistoryFlags): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  const { warnings } = loaded.value
  if (warnings !== '') messages.stderr.write(warnings)
  const history = await readHistory(openStore(context, loaded.value))
  const now = context.clock.now()
  if (flags.json === true) {
    const [{ jsonDocument }, { historyToJson }] = await Promise.all([
      import('../../report/json/json.js'),
      import('../../report/json/history-json.js'),
    ])
    messages.stdout.write(jsonDocument(historyToJson(history, now)))
  } else {
    const { renderHistory } = await import('../../report/views/orchestration-view.js')
    messages.stdout.write(renderHistory(history, now, messages.view))
  }
  return exitCodes.success
}
