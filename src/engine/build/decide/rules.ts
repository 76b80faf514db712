import type { StatusState } from '../../../model/change.js'
import type { Ending } from '../../../model/build/orchestration.js'
import type { CancelReason } from '../../../model/build/state/job-state.js'
import type { Finding } from '../../../model/build/state/verification.js'
import type { Action } from './actions.js'

/** The rules that apply to all jobs and to all targets, and the actions that belong to neither. */
export interface Directives {
  jobs: JobRule
  targets: TargetRule
  global: readonly GlobalAction[]
}

/** An action that belongs to no job and no target. `ending` is computed only when it is needed, because it may visit all jobs and targets. */
export type GlobalAction =
  | Extract<Action, { type: 'lock-earlier-heads' | 'verify' | 'suspend' }>
  | { type: 'finish'; at: number; ending: () => Ending }

/** The rule that applies to every job. */
export type JobRule =
  | { kind: 'rest' }
  /**
   * `isWatched`: failed runs are polled, because a user may rerun them by hand. `isHeld`: nothing is dispatched, because the change may
   * have moved. `explains`: explanations of failed builds are read. `records`: jobs that were built post their job statuses.
   */
  | { kind: 'build'; stop: Stop; isWatched: boolean; isHeld: boolean; explains: boolean; records: boolean }
  /** Every job is settled: only explanations of failed builds are still read, and the failed runs whose latest reading ended before `readBefore`. */
  | { kind: 'explain'; readBefore: number }
  /** Only job statuses are left to post. */
  | { kind: 'record' }
  /** After a signal. `since`: ms, UTC. */
  | { kind: 'end'; since: number }

/**
 * The reason why nothing more is dispatched; null if nothing stops the builds. `cancel`: the reason with which active runs are cancelled
 * under `failFast`; null if they are not. `obsolete`: the jobs whose runs are cancelled because their results are unusable, while the
 * other runs are left running; null if all runs are cancelled.
 */
export type Stop = { reason: string; cancel: CancelReason | null; obsolete: ReadonlySet<string> | null } | null

/** The rule that applies to every target. */
export type TargetRule =
  | { kind: 'rest' }
  /** `isLate`: the deadline has passed, and only claims that were already requested are awaited. */
  | { kind: 'claim'; isLate: boolean; over: Extract<Action, { type: 'post-status' }>['over'] }
  /** Heads whose newest status is of an older orchestration are claimed again. */
  | { kind: 'claim-again' }
  /**
   * `onlyInFlight`: one head cannot be unlocked, so no further success may be posted. `onlyBegun`: a success is repeated, and the heads
   * without any wait for it.
   */
  | { kind: 'success'; merged: readonly Finding[]; onlyInFlight: boolean; onlyBegun: boolean }
  | Closing

export interface Closing {
  kind: 'close'
  round: 'closing' | 'revoke'
  state: StatusState
  /** Computed only where it is posted, because it may visit all jobs. */
  text: () => string
  /** The time from which the posts skip the queue after a signal, ms, UTC; null: they wait in the queue. */
  urgentFrom: number | null
}

/** Directives under which no job and no target acts. */
export function idle(...actions: readonly GlobalAction[]): Directives {
  return { jobs: { kind: 'rest' }, targets: { kind: 'rest' }, global: actions }
}

export function toAction(action: GlobalAction): Action {
  return action.type === 'finish' ? { ...action, ending: action.ending() } : action
}
