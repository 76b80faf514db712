import type { StatusState } from '../../../model/change.js'
import type { CancelReason, Ending, Finding } from '../../../model/build/orchestration.js'
import type { Action } from './actions.js'

/** What an orchestration as a whole tells each of its jobs and targets to do, and what it does besides. */
export interface Directives {
  jobs: JobRule
  targets: TargetRule
  global: readonly GlobalAction[]
}

/** An action that belongs to no job and no target. `ending` is computed only when it is needed: that may cost a walk through all of them. */
export type GlobalAction =
  | Extract<Action, { type: 'lock-earlier-heads' | 'verify' | 'suspend' }>
  | { type: 'finish'; at: number; ending: () => Ending }

/** What the orchestration as a whole tells each of its jobs to do. */
export type JobRule =
  | { kind: 'rest' }
  /**
   * `isWatched`: failed runs are read again, because somebody may run them again by hand. `isHeld`: nothing is dispatched, because the
   * change may have moved. `explains`: why a build failed is read. `records`: a job that was built posts its own status.
   */
  | { kind: 'build'; stop: Stop; isWatched: boolean; isHeld: boolean; explains: boolean; records: boolean }
  /** Every job is settled: only why builds failed is still read. */
  | { kind: 'explain' }
  /** Nothing else is left that anybody waits for: jobs that were built post their own statuses. */
  | { kind: 'record' }
  /** After a signal. `since`: ms, UTC. */
  | { kind: 'end'; since: number }

/**
 * Why nothing new is dispatched, and why what runs is cancelled with `failFast` (null: it is not); null: nothing stops the builds.
 * `obsolete`: the jobs whose runs are cancelled, because nobody can use them; the others are left running. null: all are cancelled.
 */
export type Stop = { reason: string; cancel: CancelReason | null; obsolete: ReadonlySet<string> | null } | null

/** What the orchestration as a whole tells each head that gets our status to do. */
export type TargetRule =
  | { kind: 'rest' }
  /** `isLate`: the time is up, and only claims that were requested already are waited for. */
  | { kind: 'claim'; isLate: boolean; over: Extract<Action, { type: 'post-status' }>['over'] }
  /** Heads whose newest status is of an older orchestration are claimed once more. */
  | { kind: 'claim-again' }
  /** `onlyInFlight`: one head cannot be unlocked, so that no other may be. */
  | { kind: 'success'; merged: readonly Finding[]; onlyInFlight: boolean }
  | Closing

export interface Closing {
  kind: 'close'
  round: 'closing' | 'revoke'
  state: StatusState
  /** Computed only where it is posted: it may have to be gathered from all jobs. */
  text: () => string
  /** After a signal: at once, but not before this time, ms, UTC; null: in its turn. */
  urgentFrom: number | null
}

/** No job and no target does anything. */
export function idle(...actions: readonly GlobalAction[]): Directives {
  return { jobs: { kind: 'rest' }, targets: { kind: 'rest' }, global: actions }
}

export function toAction(action: GlobalAction): Action {
  return action.type === 'finish' ? { ...action, ending: action.ending() } : action
}
