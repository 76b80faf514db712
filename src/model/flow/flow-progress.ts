import { hasEnded, noOutput } from './flow-run.js'
import type { FlowAttempt, FlowOutput, FlowRun, FlowStepRecord } from './flow-run.js'
import type { FlowResult } from './flow-result.js'

/** What happens next in an attempt that is running. */
export type NextOfAttempt =
  /** The step with this index is to be started. */
  | { kind: 'start-step'; index: number }
  /** The step with this index is being executed. */
  | { kind: 'wait'; index: number }
  /** Nothing: it has ended, or has not started. */
  | { kind: 'none' }

/** A new run with its first attempt, which waits to be started. */
export function newRun(run: Pick<FlowRun, 'id' | 'eventId' | 'flow'>, now: number): FlowRun {
  return { ...run, createdAt: now, attempts: [newAttempt(run.id, 1, { isReplay: false, now })] }
}

/** The run with one more attempt, which starts when the earlier ones have ended. */
export function replayed(run: FlowRun, now: number): FlowRun {
  const attempt = newAttempt(run.id, run.attempts.length + 1, { isReplay: true, now })
  return { ...run, attempts: [...run.attempts, attempt] }
}

function newAttempt(runId: string, number: number, { isReplay, now }: { isReplay: boolean; now: number }): FlowAttempt {
  return {
    id: `${runId}-${number}`,
    number,
    status: 'queued',
    isReplay,
    createdAt: now,
    startedAt: null,
    endedAt: null,
    steps: [],
    output: noOutput,
    result: null,
    cancelledBy: null,
  }
}

/** The first attempt that has not ended; null: all have. */
export function openAttempt(run: FlowRun): FlowAttempt | null {
  return run.attempts.find(({ status }) => !hasEnded(status)) ?? null
}

/** The run with the attempt replaced that has the same id. */
export function withAttempt(run: FlowRun, attempt: FlowAttempt): FlowRun {
  return { ...run, attempts: run.attempts.map((each) => (each.id === attempt.id ? attempt : each)) }
}

/** Starts a queued attempt of a flow with so many steps. One without steps is completed at once. */
export function startAttempt(attempt: FlowAttempt, stepCount: number, now: number): FlowAttempt {
  if (attempt.status !== 'queued') return attempt
  const step: FlowStepRecord = { status: 'queued', startedAt: null, endedAt: null, message: '' }
  const started = { ...attempt, startedAt: now, steps: Array.from({ length: stepCount }, () => step) }
  return stepCount === 0 ? { ...started, status: 'completed', endedAt: now } : { ...started, status: 'running' }
}

export function nextOf(attempt: FlowAttempt): NextOfAttempt {
  if (attempt.status !== 'running') return { kind: 'none' }
  const index = attempt.steps.findIndex(({ status }) => !hasEnded(status))
  const step = attempt.steps[index]
  if (!step) return { kind: 'none' }
  return step.status === 'running' ? { kind: 'wait', index } : { kind: 'start-step', index }
}

/** Starts the step that is next. Any other one leaves the attempt unchanged. */
export function startStep(attempt: FlowAttempt, index: number, now: number): FlowAttempt {
  const next = nextOf(attempt)
  if (next.kind !== 'start-step' || next.index !== index) return attempt
  return withStep(attempt, index, { status: 'running', startedAt: now, endedAt: null, message: '' })
}

/** How a step ended. */
export interface StepEnd {
  status: 'completed' | 'failed' | 'cancelled'
  /** What it came to, as text for a reader. */
  message: string
  /** Of the whole attempt up to now; absent: the step printed nothing. */
  output?: FlowOutput
  /** Its last result line; absent or null: it had none, and an earlier one stays. */
  result?: FlowResult | null
}

/** Ends the running step, and the attempt with it if it was the last one, did not complete, or somebody asked to cancel the attempt. */
export function endStep(attempt: FlowAttempt, index: number, end: StepEnd, now: number): FlowAttempt {
  const next = nextOf(attempt)
  const step = attempt.steps[index]
  if (next.kind !== 'wait' || next.index !== index || !step) return attempt
  const { status, message, output = attempt.output, result } = end
  const ended = {
    ...withStep(attempt, index, { ...step, status, endedAt: now, message }),
    output,
    result: result ?? attempt.result,
  }
  if (status !== 'completed') return { ...ended, status, endedAt: now }
  if (index === attempt.steps.length - 1) return { ...ended, status: 'completed', endedAt: now }
  // A step that cannot be stopped completes although the attempt is cancelled.
  return ended.cancelledBy === null ? ended : { ...ended, status: 'cancelled', endedAt: now }
}

/** Why an attempt failed whose process has ended: a step is never performed twice, so it is not known what the step did. */
export const interrupted = 'the process that executed it has ended'

/** Ends an open attempt that cannot be executed. `message` says why. */
export function failAttempt(attempt: FlowAttempt, message: string, now: number): FlowAttempt {
  if (hasEnded(attempt.status)) return attempt
  const started = startAttempt(attempt, 1, now)
  const next = nextOf(started)
  if (next.kind === 'none') return started
  return endStep(startStep(started, next.index, now), next.index, { status: 'failed', message }, now)
}

/** The attempt with what it has printed up to now; the same attempt if it is not running or has printed nothing more. */
export function withOutput(attempt: FlowAttempt, output: FlowOutput): FlowAttempt {
  const { stdout, stderr } = attempt.output
  const isNew = output.stdout !== stdout || output.stderr !== stderr
  return attempt.status === 'running' && isNew ? { ...attempt, output } : attempt
}

/**
 * Asks to cancel an attempt. One that was not started, or is between two steps, ends at once; a running step ends by `endStep`.
 * An attempt that has ended is unchanged.
 */
export function cancelAttempt(attempt: FlowAttempt, by: string, now: number): FlowAttempt {
  if (hasEnded(attempt.status)) return attempt
  const asked = { ...attempt, cancelledBy: attempt.cancelledBy ?? by }
  return nextOf(attempt).kind === 'wait' ? asked : { ...asked, status: 'cancelled', endedAt: now }
}

function withStep(attempt: FlowAttempt, index: number, step: FlowStepRecord): FlowAttempt {
  return { ...attempt, steps: attempt.steps.with(index, step) }
}
