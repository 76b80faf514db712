import { exitCodeOfProblem } from '../output/render-problem.js'
import { Command } from 'commander'
import { sanitize } from '../../lib/sanitize.js'
import { chooseOrchestration } from '../choose-orchestration.js'
import type { Context } from '../process/context.js'
import { exitCodeOf, exitCodes } from '../output/exit-codes.js'
import type { ExitCode } from '../output/exit-codes.js'
import { followOrchestration } from '../follow.js'
import { loadGraph } from '../connect/graph-file.js'
import type { Problem } from '../../app/problem.js'
import { chooseDisplay } from '../output/reporters.js'
import type { Display } from '../output/reporters.js'
import { listenForSignals } from '../process/signals.js'
import type { Messages } from '../output/messages.js'
import type { HistoryFlags } from './list.js'

/** From one look at the journal to the next, ms. */
const interval = 500
/** How long a watch waits for somebody to resume what lost its process before its eyes, ms. */
const resumePatience = 10 * 60_000

/** `orch watch`: follows an orchestration that another process drives. */
export function watchCommand(run: (id: string | undefined, flags: HistoryFlags) => Promise<void>): Command {
  return new Command('watch')
    .description('follow an orchestration that another process drives, changing nothing')
    .argument('[id]', 'id of the orchestration, or how it begins (default: the latest unfinished one)')
    .option('-c, --config <file>', 'graph file (default: ORCH_CONFIG, else the nearest orchestrator.yaml upwards)')
    .option('--sandbox', 'one that runs against the embedded GitHub')
    .option('--json', 'one JSON event per line')
    .action((id: string | undefined, flags: HistoryFlags) => run(id, flags))
}

export async function watchOrchestration(
  context: Context,
  messages: Messages,
  named: string | undefined,
  flags: HistoryFlags,
): Promise<ExitCode> {
  const loaded = await loadGraph(context, flags)
  if (!loaded.ok) return messages.reportProblems(loaded.problems)
  const { historyDirectory, warnings } = loaded.value
  if (warnings !== '') messages.stderr.write(warnings)
  const chosen = await chooseOrchestration(context, historyDirectory, named, 'watch')
  if (!chosen.ok) return messages.reportProblems(chosen.problems)
  const display = await chooseDisplay(context, messages, flags.json === true)
  const { exitCode, problem } = await watch(context, messages, {
    display,
    stateDirectory: historyDirectory,
    id: chosen.value.id,
  }).finally(() => display.reporter.close())
  if (problem) messages.reportProblems([problem])
  return exitCode
}

interface Watching {
  display: Display
  stateDirectory: string
  id: string
}

/** `problem` null: the orchestration has ended. */
interface WatchEnd {
  exitCode: ExitCode
  problem: Problem | null
}

/** Draws what the journal tells until the orchestration has ended, nobody goes on with it, or the reader has seen enough. */
async function watch(
  context: Context,
  messages: Messages,
  { display, stateDirectory, id }: Watching,
): Promise<WatchEnd> {
  const look = followOrchestration(context, stateDirectory, id)
  const interruption = listenForInterruption(context, display)
  let abandonedAt: number | null = null
  let isFirst = true
  try {
    for (;;) {
      const sight = await look()
      if (!sight.ok) return stopped(sight.problem)
      const { news, orchestration, driver } = sight.value
      for (const { event, orchestration: led } of news) display.reporter.report(event, led)
      if (orchestration?.ending) return { exitCode: exitCodeOf(orchestration.ending), problem: null }
      const now = context.clock.now()
      if (driver) abandonedAt = null
      else if (isFirst || (abandonedAt !== null && now - abandonedAt >= resumePatience)) return abandoned(id)
      else if (abandonedAt === null) {
        abandonedAt = now
        messages.note(`${abandonedNote(id)} It goes on being watched for ten minutes.`)
      }
      const signal = interruption.signal()
      if (signal !== null) return interrupted(id, signal, driver !== null)
      isFirst = false
      await context.clock.sleep(interval, interruption.aborted)
    }
  } finally {
    interruption.stop()
  }
}

/** The first signal ends the watching, the second one the process. */
function listenForInterruption(context: Context, display: Display) {
  const stopper = new AbortController()
  let first: string | null = null
  const signals = listenForSignals(context, () => {
    display.restore()
    context.exit(exitCodes.interrupted)
  })
  void signals.interrupted.then((signal) => {
    first = signal
    stopper.abort()
  })
  return { signal: () => first, aborted: stopper.signal, stop: signals.stop }
}

function stopped(problem: Problem): WatchEnd {
  return { exitCode: exitCodeOfProblem(problem), problem }
}

function abandonedNote(id: string): string {
  return `Nobody drives ${sanitize(id)} any more; go on with it: orch resume ${sanitize(id)}`
}

function abandoned(id: string): WatchEnd {
  return stopped({
    kind: 'pending',
    message: `nobody drives the orchestration ${id}`,
    why: 'the process that drove it ended before it did; what its runs did since then is not known here',
    remedy: `Go on with it: orch resume ${id}. To end it instead: orch cancel ${id}.`,
  })
}

function interrupted(id: string, signal: string, isDriven: boolean): WatchEnd {
  return stopped({
    kind: 'interrupted',
    message: `stopped watching at ${signal}`,
    why: isDriven ? `the orchestration ${id} goes on` : `the orchestration ${id} is unfinished, and nobody drives it`,
    remedy: isDriven
      ? `To watch it again: orch watch ${id}. To end it: orch cancel ${id}.`
      : `Go on with it: orch resume ${id}. To end it instead: orch cancel ${id}.`,
  })
}
