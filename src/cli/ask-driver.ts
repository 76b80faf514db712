import { takeLock } from '../lib/lock-file.js'
import type { LockOwner, LockResult } from '../lib/lock-file.js'
import { lockPath } from '../store/paths.js'
import type { Ending, Orchestration } from '../model/build/orchestration.js'
import { sanitize } from '../lib/sanitize.js'
import type { Context } from './process/context.js'
import { followOrchestration } from './follow.js'
import type { Problem } from '../app/problem.js'
import type { Messages } from './output/messages.js'

/** From one look at the journal to the next, ms. */
const interval = 250
/** How long a process that was asked to end may take, ms: it gives itself five seconds. */
const exitTimeoutMs = 30_000

/** What became of an orchestration that is to end. */
export type CancelOutcome =
  | { kind: 'ended'; orchestration: Orchestration & { ending: Ending } }
  /** It is unfinished, and no living process drives it. */
  | { kind: 'abandoned' }
  | { kind: 'not-ended'; problem: Problem }

/**
 * Asks the living process that drives an orchestration to end it in order, and waits until its journal has ended. A process is asked once: a
 * second signal would end it before it has cancelled its runs.
 */
export async function requestCancel(
  context: Context,
  messages: Messages,
  stateDirectory: string,
  id: string,
  aborted?: AbortSignal,
): Promise<CancelOutcome> {
  const look = followOrchestration(context, stateDirectory, id)
  const lock = lockPath(stateDirectory, id)
  let asking: LockResult | null = null
  let askedPid: number | null = null
  const deadline = context.clock.now() + exitTimeoutMs
  try {
    for (;;) {
      const sight = await look()
      if (!sight.ok) return notEnded(sight.problem)
      const { orchestration, driver } = sight.value
      const ending = orchestration?.ending
      if (orchestration && ending) return { kind: 'ended', orchestration: { ...orchestration, ending } }
      if (!driver) return { kind: 'abandoned' }
      asking ??= await takeLock(`${lock}.cancel`, context.processes)
      // Whoever else has this lock has asked already, and so has whoever pressed Ctrl-C there.
      if (asking.kind === 'locked' && orchestration?.interrupted === null && askedPid !== driver.pid) {
        const refusal = ask(context, messages, { id, lock, driver })
        if (refusal) return notEnded(refusal)
        askedPid = driver.pid
      }
      if (context.clock.now() >= deadline || aborted?.aborted === true) return notEnded(silentProblem(id, driver.pid))
      await context.clock.sleep(interval, aborted)
    }
  } finally {
    if (asking?.kind === 'locked') await asking.release()
  }
}

function notEnded(problem: Problem): CancelOutcome {
  return { kind: 'not-ended', problem }
}

/** Null: it was asked, or has ended in this moment. */
function ask(
  context: Context,
  messages: Messages,
  { id, lock, driver }: { id: string; lock: string; driver: LockOwner },
): Problem | null {
  const { pid, isCertain } = driver
  if (!isCertain) {
    return {
      kind: 'failed',
      message: `the orchestration ${id} was not cancelled: process ${pid} may drive it`,
      why: 'whether it is the process that took its lock cannot be told on this machine, so it was not interrupted',
      remedy: `If it is an orch, end it: kill -INT ${pid}. If it is not, remove ${lock}. Then cancel again.`,
    }
  }
  if (context.processes.interrupt(pid) === 'refused') {
    return {
      kind: 'failed',
      message: `the orchestration ${id} was not cancelled: process ${pid} drives it and cannot be interrupted`,
      why: 'the system refuses it; the process may belong to another user',
      remedy: `Let its user run orch cancel ${id}, or press Ctrl-C where it runs.`,
    }
  }
  messages.note(`Process ${pid} drives ${sanitize(id)}; it was asked to cancel its runs and end.`)
  return null
}

function silentProblem(id: string, pid: number): Problem {
  return {
    kind: 'failed',
    message: `process ${pid} was asked to end the orchestration ${id} and has not done so`,
    why: `it is still there after ${exitTimeoutMs / 1000} seconds; it may be stopped, or hang on its disk`,
    remedy: `Look once more with orch show ${id}. To end it by force: kill -KILL ${pid}, then orch cancel ${id}.`,
  }
}
