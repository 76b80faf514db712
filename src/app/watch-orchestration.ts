import { sanitize } from '../lib/sanitize.js'
import type { Ending } from '../model/build/orchestration.js'
import type { Clock } from '../ports/clock.js'
import type { Reporter } from '../ports/reporter.js'
import type { Store } from '../ports/store.js'
import { followOrchestration } from './history/follow.js'
import type { Problem } from './problem.js'

/** The interval between two readings of the journal. */
const intervalMs = 500
/** The time for which an orchestration without a driver is still watched, in case it is resumed. */
const resumeTimeoutMs = 10 * 60_000

export interface WatchOptions {
  store: Store
  clock: Clock
  id: string
  /** Closed at the end. */
  reporter: Reporter
  /** Called with a line when the orchestration has lost its driver. */
  note: (text: string) => void
  /** Stops watching; its reason is the name of the signal. */
  signal: AbortSignal
}

export type WatchResult = { kind: 'ended'; ending: Ending } | { kind: 'stopped'; problem: Problem }

/** Reports what the journal holds and what is appended to it, until the orchestration ends, loses its driver for good, or the user stops. */
export async function watchOrchestration(options: WatchOptions): Promise<WatchResult> {
  try {
    return await watch(options)
  } finally {
    await options.reporter.close()
  }
}

async function watch({ store, clock, id, reporter, note, signal }: WatchOptions): Promise<WatchResult> {
  let abandonedAt: number | null = null
  let isFirst = true
  for await (const step of followOrchestration(store, id, { intervalMs, signal })) {
    if (!step.ok) return { kind: 'stopped', problem: step.problem }
    const { appended, orchestration, driver } = step.value
    for (const { event, orchestration: next } of appended) reporter.report(event, next)
    if (orchestration?.ending) return { kind: 'ended', ending: orchestration.ending }
    const now = clock.now()
    if (driver) abandonedAt = null
    else if (isFirst || (abandonedAt !== null && now - abandonedAt >= resumeTimeoutMs)) {
      return { kind: 'stopped', problem: abandonedProblem(id) }
    } else if (abandonedAt === null) {
      abandonedAt = now
      note(
        sanitize(
          `No process drives ${id} any more; resume it: orch resume ${id}. Still watching; giving up in 10 minutes.`,
        ),
      )
    }
    if (signal.aborted)
      return { kind: 'stopped', problem: interruptedProblem(id, String(signal.reason), driver !== null) }
    isFirst = false
  }
  throw new Error('the journal was not followed to its end')
}

function abandonedProblem(id: string): Problem {
  return {
    kind: 'pending',
    message: `no process drives the orchestration ${id}`,
    why: 'the process that drove it ended first; what its runs have done since then is not known here',
    remedy: `Resume it: orch resume ${id}. To end it instead: orch cancel ${id}.`,
  }
}

function interruptedProblem(id: string, signal: string, isDriven: boolean): Problem {
  return {
    kind: 'interrupted',
    message: `stopped watching at ${signal}`,
    why: isDriven
      ? `the orchestration ${id} is still running`
      : `the orchestration ${id} is unfinished, and no process drives it`,
    remedy: isDriven
      ? `To watch it again: orch watch ${id}. To end it: orch cancel ${id}.`
      : `Resume it: orch resume ${id}. To end it instead: orch cancel ${id}.`,
  }
}
