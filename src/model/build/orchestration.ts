import type { Failure } from '../failure.js'
import type { PersistentMap } from '../../lib/persistent-map.js'
import type { Plan, RunOptions } from './plan.js'
import type { JobState } from './state/job-state.js'
import type { PostsOfHead } from './state/post-state.js'
import type { EarlierHeads, VerificationStage, VerificationState } from './state/verification.js'

/** How an orchestration ended. */
export type OrchestrationOutcome =
  | 'succeeded'
  | 'failed' // a build failed
  | 'unknown' // whether the builds succeeded, or were unlocked, could not be determined
  | 'timed-out' // --timeout
  | 'superseded' // its change moved, or a newer orchestration claimed it
  | 'partially-merged' // some pull requests were merged, and the rest could not be unlocked
  | 'held' // every build succeeded, but a pull request of the set is a draft, conflicts with its base, or is missing
  | 'cancelled' // interrupted

/** The end of an orchestration: its outcome, and why. */
export interface Ending {
  outcome: OrchestrationOutcome
  /** One sentence for a reader. */
  reason: string
  /** The cause is a missing or refused permission or token (exit code 4). */
  auth: boolean
}

/**
 * Why an orchestration was interrupted: a signal to its process; a journal that cannot be written any more; or a cancel, which has as much
 * time as cancelling needs.
 */
export type InterruptionCause = 'signal' | 'journal' | 'cancel'

/** One execution of the graph for one change: nothing but the fold of its events. */
export interface Orchestration {
  id: string
  startedAt: number
  plan: Plan
  options: RunOptions
  /** By job id, in the order of the plan. */
  jobs: PersistentMap<JobState>
  /** By `repoKey` of the target; a target without any post has no entry. */
  posts: PersistentMap<PostsOfHead>
  verifications: Readonly<Partial<Record<VerificationStage, VerificationState>>>
  /** Refusals of the token (401) in a row, up to the latest answer; null: the latest answer was none. */
  tokenRefusal: { count: number; failure: Failure } | null
  /** It waits for a valid token: no process drives it, its builds continue, and a resume continues it. */
  isSuspended: boolean
  /** The successes on earlier heads; null: not read yet. */
  earlierHeads: EarlierHeads | null
  /** Ids of orchestrations that claimed the change just before this one, or posted on its heads since: this one replaces their statuses. */
  olderClaims: readonly string[]
  interrupted: { signal: string; cause: InterruptionCause; at: number } | null
  ending: Ending | null
  /** When the latest event happened, ms, UTC. */
  lastAt: number
  /** Another process than the first drives it. */
  isResumed: boolean
  /** How long no process drove it (a crash, a closed laptop), ms: this time does not count towards its timeout. */
  unattendedMs: number
}

/** What names this orchestration in the markers of its runs. */
export function originOf({ id, options }: Orchestration): string {
  return options.eventKey ?? id
}

/** The deadline of the whole orchestration, ms, UTC. */
export function deadlineOf({ startedAt, options, unattendedMs }: Orchestration): number {
  return startedAt + options.timeoutMs + unattendedMs
}
