import type { ListedStatus, StatusState } from '../../change.js'
import type { Failure } from '../../failure.js'
import type { PostRound } from '../state/post-state.js'
import type { EarlierHeads } from '../state/verification.js'

/** The commit status of one head may have left for GitHub. */
export interface StatusRequested {
  type: 'status-requested'
  repo: string
  headSha: string
  round: PostRound
  state: StatusState
  description: string
}

/** GitHub accepted the commit status of one head. */
export interface StatusPosted {
  type: 'status-posted'
  repo: string
  headSha: string
  round: PostRound
  status: ListedStatus
  /** With a claim: the orchestrations that claimed the change just before this one. Absent: none, or not read. */
  olderClaims?: readonly string[]
}

/** The commit status of one head could not be posted, or the check before it failed. */
export interface StatusFailed {
  type: 'status-failed'
  repo: string
  headSha: string
  round: PostRound
  failure: Failure
  /** When it is posted again, ms, UTC, if there is time left; absent: a repetition would fail too. */
  nextAt?: number
}

/** The commit status of one head was not posted, because it would have replaced the status of another writer. */
export interface StatusWithheld {
  type: 'status-withheld'
  repo: string
  headSha: string
  round: PostRound
  reason: string
}

/** The commit status of a settled job may have left for GitHub, for one attempt of its run. */
export interface JobStatusRequested {
  type: 'job-status-requested'
  job: string
  runAttempt: number | null
  context: string
  state: StatusState
  description: string
}

/** GitHub accepted the commit status of a settled job. */
export interface JobStatusPosted {
  type: 'job-status-posted'
  job: string
  runAttempt: number | null
  status: ListedStatus
}

/** The commit status of a settled job could not be posted; the orchestration does not depend on it. */
export interface JobStatusFailed {
  type: 'job-status-failed'
  job: string
  runAttempt: number | null
  failure: Failure
}

/** Successes of ours on earlier heads of the branch were put back to `pending`, as far as GitHub allowed. */
export interface EarlierHeadsLocked extends EarlierHeads {
  type: 'earlier-heads-locked'
}

/** The events of commit statuses. */
export type StatusEvent =
  | StatusRequested
  | StatusPosted
  | StatusFailed
  | StatusWithheld
  | JobStatusRequested
  | JobStatusPosted
  | JobStatusFailed
  | EarlierHeadsLocked
