import type { FlowResult, FlowResultStatus } from './flow-result.js'

export const flowRunStatuses = ['queued', 'running', 'completed', 'failed', 'cancelled'] as const
/** Where an attempt, and so its run, is. `queued`: it waits for the concurrency of its flow, or for a worker. */
export type FlowRunStatus = (typeof flowRunStatuses)[number]

/** What the commands of an attempt printed. */
export interface FlowOutput {
  stdout: string
  stderr: string
  /** Whether a part was cut; the text says where and how much. */
  truncated: boolean
}

/** One step of an attempt. Times in ms since the epoch, UTC. */
export interface FlowStepRecord {
  status: FlowRunStatus
  startedAt: number | null
  endedAt: number | null
  /** What it came to, as text for a reader; empty: nothing to say. */
  message: string
}

/** One execution of the steps of a flow for an event. Times in ms since the epoch, UTC. */
export interface FlowAttempt {
  /** `<run id>-<number>`. */
  id: string
  /** From 1. */
  number: number
  status: FlowRunStatus
  /** Whether somebody asked for it by a replay. */
  isReplay: boolean
  createdAt: number
  startedAt: number | null
  endedAt: number | null
  /** As many as the flow had when the attempt started; those after a failed one stay `queued`. */
  steps: readonly FlowStepRecord[]
  output: FlowOutput
  /** The last result line; null: there was none. */
  result: FlowResult | null
  /** Who asked to cancel it; null: nobody. */
  cancelledBy: string | null
}

/** A flow that was started by an event. */
export interface FlowRun {
  id: string
  eventId: string
  flow: string
  createdAt: number
  /** The last one counts. At least one. */
  attempts: readonly FlowAttempt[]
}

export const noOutput: FlowOutput = { stdout: '', stderr: '', truncated: false }

export function lastAttempt(run: FlowRun): FlowAttempt {
  const last = run.attempts.at(-1)
  if (!last) throw new Error(`the run ${run.id} has no attempt`)
  return last
}

export function hasEnded(status: FlowRunStatus): status is 'completed' | 'failed' | 'cancelled' {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}

/** What a run came to, seen as one word. */
export type EffectiveStatus = FlowRunStatus | FlowResultStatus

/**
 * | process status      | result | effective status      |
 * | ------------------- | ------ | --------------------- |
 * | other than completed | any    | the process status    |
 * | completed           | none   | `completed`           |
 * | completed           | given  | the result's status   |
 */
export function effectiveStatus({ status, result }: Pick<FlowAttempt, 'status' | 'result'>): EffectiveStatus {
  return status === 'completed' && result ? result.status : status
}

/** A run as a list of events shows it. */
export interface FlowRunSummary extends Pick<FlowRun, 'id' | 'eventId' | 'flow'> {
  effectiveStatus: EffectiveStatus
}

export function summaryOf(run: FlowRun): FlowRunSummary {
  const { id, eventId, flow } = run
  return { id, eventId, flow, effectiveStatus: effectiveStatus(lastAttempt(run)) }
}

/** Why a person should look at it, as text for a reader; null: nobody needs to. */
export function attention(attempt: FlowAttempt): string | null {
  const effective = effectiveStatus(attempt)
  if (effective !== 'failed' && effective !== 'needs_intervention' && effective !== 'blocked') return null
  const failedStep = attempt.steps.find(({ status }) => status === 'failed')
  const said = attempt.result?.message ?? ''
  if (attempt.status === 'failed') return failedStep?.message || said || 'the run failed'
  return said === '' ? `the flow reported ${effective}` : said
}
