import { assertNever } from '../../../lib/assert-never.js'
import type { StatusState } from '../../../model/change.js'
import type { Failure } from '../../../model/failure.js'
import type {
  CancelReason,
  Ending,
  JobOutcome,
  PostRound,
  VerificationStage,
} from '../../../model/build/orchestration.js'
import type { BuiltRun } from '../../../model/build/plan.js'

/** What should happen next. `at` is ms, UTC: not before then. */
export type Action = { at: number } & (
  | { type: 'dispatch'; job: string; attempt: number }
  | { type: 'observe'; job: string }
  /** Looks for the run of a dispatch without an answer. */
  | { type: 'search'; job: string }
  /** Looks for a run of an earlier orchestration that builds the same. */
  | { type: 'find-reusable-run'; job: string }
  | { type: 'adopt'; job: string; attempt: number; runId: number; url: string }
  /** `urgent`: past the spacing of writes, also while the same cancel waits in it. */
  | { type: 'cancel'; job: string; runId: number; reason: CancelReason; force: boolean; urgent: boolean }
  /** The branch is absent: the job only keeps its place in the order. */
  | { type: 'skip'; job: string; reason: string }
  | { type: 'settle'; job: string; outcome: JobOutcome; reason: string; built?: BuiltRun }
  /** The status of its own that a settled job leaves on its head. */
  | { type: 'post-job-status'; job: string; repo: string; headSha: string; state: StatusState }
  | { type: 'explain'; job: string }
  | { type: 'rerun'; job: string; runId: number; fromAttempt: number }
  /** Puts successes on earlier heads of the branch back to `pending`. */
  | { type: 'lock-earlier-heads' }
  | { type: 'verify'; stage: VerificationStage }
  /**
   * `over`: what the newest status of the context may be, so that the post is not withheld: anything, only one of this orchestration or of an
   * older one that gives way to it, or also the one that was there when the change was planned. `urgent` as above.
   */
  | {
      type: 'post-status'
      repo: string
      headSha: string
      round: PostRound
      state: StatusState
      text: string
      over: 'anything' | 'own' | 'own-or-planned'
      urgent: boolean
    }
  /** Once nothing is under way any more. */
  | { type: 'suspend'; failure: Failure }
  | { type: 'finish'; ending: Ending }
)

/** Names an action: while one with this key is being performed, it is not started again. */
export function actionKey(action: Action): string {
  switch (action.type) {
    case 'dispatch':
    case 'observe':
    case 'search':
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
