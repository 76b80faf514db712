import { sanitize } from '../../lib/sanitize.js'
import type { Driver } from '../../model/build/history.js'
import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import type { Clock } from '../../ports/clock.js'
import type { CancelRequest, Store } from '../../ports/store.js'
import { followOrchestration } from '../history/follow.js'
import type { Problem } from '../problem.js'

/** The interval between two readings of the journal. */
const intervalMs = 250
/** The time that a process has to end after the request: it allows itself five seconds. */
const exitTimeoutMs = 30_000

/** The outcome of the cancellation of one orchestration. */
export type CancelOutcome =
  | { kind: 'ended'; orchestration: Orchestration & { ending: Ending } }
  /** It is unfinished, and no living process drives it. */
  | { kind: 'abandoned' }
  | { kind: 'not-ended'; problem: Problem }

export interface RequestCancelOptions {
  store: Store
  clock: Clock
  id: string
  /** Called with a line when the driver has been interrupted. */
  note: (text: string) => void
  /** Stops waiting for the driver. */
  signal?: AbortSignal | undefined
}

/** Interrupts the process that drives an orchestration, so that it cancels its runs and ends, and waits until its journal has ended. */
export async function requestCancel(options: RequestCancelOptions): Promise<CancelOutcome> {
  const { store, clock, id, signal } = options
  const request = store.cancelRequest(id)
  const deadline = clock.now() + exitTimeoutMs
  try {
    for await (const step of followOrchestration(store, id, { intervalMs, signal })) {
      if (!step.ok) return notEnded(step.problem)
      const { orchestration, driver } = step.value
      const ending = orchestration?.ending
      if (orchestration && ending) return { kind: 'ended', orchestration: { ...orchestration, ending } }
      if (!driver) return { kind: 'abandoned' }
      // A driver that is already interrupted needs no request: a second signal would end it before it has cancelled its runs.
      const refusal = orchestration?.interrupted === null ? await ask(request, options) : null
      if (refusal) return notEnded(refusal)
      if (clock.now() >= deadline || signal?.aborted === true) return notEnded(silentProblem(id, driver))
    }
    throw new Error('the journal was not followed to its end')
  } finally {
    await request.close()
  }
}

function notEnded(problem: Problem): CancelOutcome {
  return { kind: 'not-ended', problem }
}

/** Null: the driver was interrupted, or has just ended. */
async function ask(request: CancelRequest, { id, note }: RequestCancelOptions): Promise<Problem | null> {
  const answer = await request.send()
  if (answer.kind === 'refused') {
    const message = `the orchestration ${id} was not cancelled: ${answer.problem}`
    return { kind: 'failed', message, why: answer.why, remedy: answer.remedy }
  }
  if (answer.kind === 'sent') {
    note(sanitize(`Asked ${answer.driver.name}, which drives ${id}, to cancel its runs and end.`))
  }
  return null
}

function silentProblem(id: string, { name, pid }: Driver): Problem {
  const force = pid === null ? `end ${name}` : `kill -KILL ${pid}`
  return {
    kind: 'failed',
    message: `${name} was asked to end the orchestration ${id} and has not done so`,
    why: `it is still running after ${exitTimeoutMs / 1000} seconds; it may be suspended, or waiting for its disk`,
    remedy: `Check again with orch show ${id}. To end it by force: ${force}, then orch cancel ${id}.`,
  }
}
