import { Command } from 'commander'
import { chooseOrchestration } from '../../app/history/choose-orchestration.js'
import { watchOrchestration } from '../../app/watch-orchestration.js'
import type { Context } from '../process/context.js'
import { exitCodeOf, exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import { withGraph } from '../connect/with-graph.js'
import { addConfigOption } from '../flags/common-options.js'
import type { Store } from '../../ports/store.js'
import { openStore } from '../connect/open-store.js'
import { chooseDisplay } from '../output/reporters.js'
import type { Display } from '../output/reporters.js'
import { listenForSignals } from '../process/signals.js'
import type { Messages } from '../output/messages.js'
import type { HistoryFlags } from '../flags/common-options.js'

/** `orch watch`: follows an orchestration that another process drives. */
export function watchCommand(action: (named: string | undefined, flags: HistoryFlags) => Promise<void>): Command {
  const command = new Command('watch')
    .description('follow an orchestration that another process drives, without changing anything')
    .argument(
      '[id|branch]',
      'id of the orchestration, its first or last characters, or a branch (default: the latest unfinished one)',
    )
  return addConfigOption(command)
    .option('--sandbox', 'orchestrations of the embedded GitHub')
    .option('--json', 'one JSON event per line')
    .action((named: string | undefined, flags: HistoryFlags) => action(named, flags))
}

/** Shows an orchestration until it ends or the user stops watching. */
export async function watch(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: HistoryFlags,
): Promise<ExitCode> {
  return withGraph(context, messages, flags, async (loaded) => {
    const store = openStore(context, loaded)
    const chosen = await chooseOrchestration(store, named, 'watch')
    if (!chosen.ok) return messages.reportProblems(chosen.problems)
    return follow(context, messages, store, { id: chosen.value.id, asJson: flags.json === true })
  })
}

async function follow(
  context: Context,
  messages: Messages,
  store: Store,
  { id, asJson }: { id: string; asJson: boolean },
): Promise<ExitCode> {
  const display = await chooseDisplay(context, messages, asJson)
  const { signal, stop } = listenForInterruption(context, display)
  const { reporter } = display
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
