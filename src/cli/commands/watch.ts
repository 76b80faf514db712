import { Command } from 'commander'
import { chooseOrchestration } from '../../app/history/choose-orchestration.js'
import { watchOrchestration } from '../../app/watch-orchestration.js'
import type { Context } from '../process/context.js'
import { exitCodeOf, exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import { loadGraph } from '../connect/graph-file.js'
import { openStore } from '../connect/open-store.js'
import { chooseDisplay } from '../output/reporters.js'
import type { Display } from '../output/reporters.js'
import { listenForSignals } from '../process/signals.js'
import type { Messages } from '../output/messages.js'
import type { HistoryFlags } from './list.js'

/** `orch watch`: follows an orchestration that another process drives. */
export function watchCommand(action: (id: string | undefined, flags: HistoryFlags) => Promise<void>): Command {
  return new Command('watch')
    .description('follow an orchestration that another process drives, without changing anything')
    .argument('[id]', 'id of the orchestration, or how it begins (default: the latest unfinished one)')
    .option('-c, --config <file>', 'graph file (default: ORCH_CONFIG, else the nearest orchestrator.yaml upwards)')
    .option('--sandbox', 'one that runs against the embedded GitHub')
    .option('--json', 'one JSON event per line')
    .action((id: string | undefined, flags: HistoryFlags) => action(id, flags))
}

/** Shows an orchestration until it ends or the user stops watching. */
export async function watch(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: HistoryFlags,
): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  if (loaded.value.warnings !== '') messages.stderr.write(loaded.value.warnings)
  const store = openStore(context, loaded.value)
  const chosen = await chooseOrchestration(store, named, 'watch')
  if (!chosen.ok) return messages.reportProblems(chosen.problems)
  const display = await chooseDisplay(context, messages, flags.json === true)
  const { signal, stop } = listenForInterruption(context, display)
  const { reporter } = display
  const { id } = chosen.value
  const result = await watchOrchestration({
    store,
    clock: context.clock,
    id,
    reporter,
    note: messages.note,
    signal,
  }).finally(stop)
  return result.kind === 'ended' ? exitCodeOf(result.ending) : messages.reportProblems([result.problem])
}

/** The first signal stops the watching, the second one ends the process. */
function listenForInterruption(context: Context, display: Display): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController()
  const signals = listenForSignals(context, () => {
    display.restore()
    context.exit(exitCodes.interrupted)
  })
  void signals.interrupted.then((signal) => controller.abort(signal))
  return { signal: controller.signal, stop: signals.stop }
}
