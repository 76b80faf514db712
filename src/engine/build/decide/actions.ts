import { assertNever } from '../../../lib/assert-never.js'
import type { StatusState } from '../../../model/change.js'
import type { Failure } from '../../../model/failure.js'
import type { Ending } from '../../../model/build/orchestration.js'
import type { CancelReason, JobOutcome } from '../../../model/build/state/job-state.js'
import type { PostRound } from '../../../model/build/state/post-state.js'
import type { VerificationStage } from '../../../model/build/state/verification.js'
import type { BuiltRun } from '../../../model/build/plan.js'

/** Starts the workflow run of a job: journals the intent, then requests it at most once per attempt (law 2). */
export interface Dispatch {
  type: 'dispatch'
  job: string
  attempt: number
}

/** Reads the run of a job from GitHub. */
export interface Observe {
  type: 'observe'
  job: string
}

/** Reads which environments a waiting run waits for, and who may approve. */
export interface ReadPendingDeployments {
  type: 'read-pending-deployments'
  job: string
}

/** Lists the runs that an ambiguous dispatch of a job may have started. */
export interface Search {
  type: 'search'
  job: string
}

/** Lists the runs that a lost dispatch may have started after all. The job was dispatched again. */
export interface SearchLost {
  type: 'search-lost'
  job: string
}

/** Cancels the run of a lost dispatch, which turned up after the job was dispatched again. */
export interface CancelLost {
  type: 'cancel-lost'
  job: string
  runId: number
}

/** Lists the runs of earlier orchestrations that build the same as a waiting job, so that it needs no dispatch. */
export interface FindReusableRun {
  type: 'find-reusable-run'
  job: string
}

/** Assigns a run that was found to a job. */
export interface Adopt {
  type: 'adopt'
  job: string
  attempt: number
  runId: number
  url: string
}

/** Cancels the run of a job on GitHub. */
export interface Cancel {
  type: 'cancel'
  job: string
  runId: number
  reason: CancelReason
  /** GitHub ends the run without running its cleanup steps. */
  force: boolean
  /** The request skips the queue of writes, even while the same cancel waits there. */
  urgent: boolean
}

/** Settles a job whose repository does not have the branch, once its needs are settled. Until then its dependents wait for it. */
export interface Skip {
  type: 'skip'
  job: string
  reason: string
}

/** Ends a job with an outcome. */
export interface Settle {
  type: 'settle'
  job: string
  outcome: JobOutcome
  reason: string
  /** The run that a fresh job relies on; absent for all other jobs. */
  built?: BuiltRun
}

/** Posts the commit status `<context>/<job>` of a settled job on its head. */
export interface PostJobStatus {
  type: 'post-job-status'
  job: string
  repo: string
  headSha: string
  state: StatusState
}

/** Reads from GitHub where the run of a failed job failed. */
export interface Explain {
  type: 'explain'
  job: string
}

/** Reruns the failed jobs of a job's run on GitHub, as a new attempt of the same run. */
export interface Rerun {
  type: 'rerun'
  job: string
  runId: number
  fromAttempt: number
}

/** Resets our successes on earlier heads of the branch to `pending`. */
export interface LockEarlierHeads {
  type: 'lock-earlier-heads'
}

/** Reads the whole change again and compares it with the plan. */
export interface Verify {
  type: 'verify'
  stage: VerificationStage
}

/** Posts the commit status of the context on one head of the change. */
export interface PostStatus {
  type: 'post-status'
  repo: string
  headSha: string
  round: PostRound
  state: StatusState
  text: string
  /**
   * The newest statuses of the context that the post may replace; it is withheld on every other status. `own`: a status of this
   * orchestration, or of an older one that it replaces. `own-or-planned`: also the status that the head had when the change was planned.
   */
  over: 'anything' | 'own' | 'own-or-planned'
  /** The request skips the queue of writes, even while the same post waits there. */
  urgent: boolean
}

/** Stops driving the orchestration until it is resumed. It starts only when nothing is in flight. */
export interface Suspend {
  type: 'suspend'
  failure: Failure
}

/** Ends the orchestration. */
export interface Finish {
  type: 'finish'
  ending: Ending
}

/** The closed union of all actions. `at` is the earliest start, ms, UTC. */
export type Action = { at: number } & (
  | Dispatch
  | Observe
  | ReadPendingDeployments
  | Search
  | SearchLost
  | CancelLost
  | FindReusableRun
  | Adopt
  | Cancel
  | Skip
  | Settle
  | PostJobStatus
  | Explain
  | Rerun
  | LockEarlierHeads
  | Verify
  | PostStatus
  | Suspend
  | Finish
)

/** Identifies an action: while an action with this key is performed, it is not started again. */
export function actionKey(action: Action): string {
  switch (action.type) {
    case 'dispatch':
    case 'observe':
    case 'read-pending-deployments':
    case 'search':
    case 'search-lost':
    case 'cancel-lost':
    case 'find-reusable-run':
    case 'adopt':
    case 'rerun':
    case 'skip':
    case 'settle':
    case 'explain':
    case 'post-job-status':
      return `${action.type} ${action.job}`
    case 'cancel':
      return `cancel ${action.job}${action.force ? ' by force' : ''}${action.urgent ? ' at once' : ''}`
    case 'verify':
      return `verify ${action.stage}`
    case 'post-status':
      return `post ${action.round} ${action.repo}${action.urgent ? ' at once' : ''}`
    case 'lock-earlier-heads':
    case 'suspend':
    case 'finish':
      return action.type
    default:
      return assertNever(action)
  }
}
