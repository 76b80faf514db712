import type { PostRound } from '../build/state/post-state.js'
import type { StatusState } from '../change.js'
import type { FailureJson, GitHubId, HeadJson } from './common.js'
import type { EventLine } from './event-line.js'

/** A line about the commit status on one head of the change. */
interface StatusLine<Type extends string> extends EventLine<Type>, HeadJson {
  /** `claim`: `pending` before the first dispatch; then `success` or `closing`; `revoke` takes a success back. */
  round: PostRound
}

/** A request to post a commit status is about to be sent. */
export interface StatusRequestedJson extends StatusLine<'status-requested'> {
  state: StatusState
  description: string
}

/** GitHub accepted a commit status. */
export interface StatusPostedJson extends StatusLine<'status-posted'> {
  statusId: GitHubId
  state: StatusState
  description: string
}

/** A commit status could not be posted. */
export interface StatusFailedJson extends StatusLine<'status-failed'> {
  failure: FailureJson
}

/** A commit status was not posted, because the newest status is not ours. */
export interface StatusWithheldJson extends StatusLine<'status-withheld'> {
  reason: string
}

export type StatusEventJson = StatusRequestedJson | StatusPostedJson | StatusFailedJson | StatusWithheldJson
