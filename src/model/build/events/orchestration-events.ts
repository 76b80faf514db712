import type { Failure } from '../../failure.js'
import type { Ending, InterruptionCause } from '../orchestration.js'
import type { Plan, RunOptions } from '../plan.js'
import type { VerificationResult, VerificationStage } from '../state/verification.js'

/** An orchestration began: always the first event of a journal, and there once. */
export interface Started {
  type: 'started'
  id: string
  plan: Plan
  options: RunOptions
}

/** The whole change was read again and compared with the plan. */
export interface Verified {
  type: 'verified'
  stage: VerificationStage
  result: VerificationResult
  nextAt: number
}

/** A signal, a cancel or a failing journal stopped the orchestration: its runs are cancelled, and nothing more is dispatched. */
export interface Interrupted {
  type: 'interrupted'
  signal: string
  cause: InterruptionCause
}

/** GitHub refused the token: no process drives the orchestration until it is resumed. */
export interface Suspended {
  type: 'suspended'
  failure: Failure
}

/** Another process took over an unfinished orchestration. */
export interface Resumed {
  type: 'resumed'
}

/** The orchestration ended: always the last event of a journal. */
export interface Finished extends Ending {
  type: 'finished'
}

/** The events of an orchestration as a whole. */
export type OrchestrationEvent = Started | Verified | Interrupted | Suspended | Resumed | Finished
