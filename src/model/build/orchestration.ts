import type { ListedStatus } from '../change.js'
import type { Failure } from '../failure.js'
import type { PersistentMap } from '../../lib/persistent-map.js'
import type { Plan, RunOptions } from './plan.js'
import type { RepoName } from '../repo-name.js'
import type { RunFailure, WorkflowRun } from '../workflow-run.js'

/** How a job ended. Only `succeeded` and `fresh` are success. */
export type JobOutcome =
  | 'succeeded'
  | 'fresh' // an earlier run has built the same, and it rests on that one
  | 'failed' // its run concluded without success, or GitHub refused the dispatch
  | 'cancelled' // somebody, or we, cancelled its run
  | 'timed-out' // one of its deadlines passed
  | 'moved' // its run built another commit than the planned one
  | 'lost' // its run cannot be found any more
  | 'unknown' // whether it was dispatched, or how it ended, cannot be told
  | 'skipped' // the branch is absent in its repository
  | 'not-run' // nothing was dispatched: something before it failed, or --only left it out
  | 'left' // its run goes on, for whoever builds the change next: the orchestration was superseded

/** Why a run of ours is cancelled on GitHub. */
export type CancelReason =
  'fail-fast' | 'job-timeout' | 'queue-timeout' | 'timeout' | 'moved' | 'superseded' | 'interrupted'

export interface CancelState {
  reason: CancelReason
  /** ms, UTC: when the first cancel was asked for. */
  requestedAt: number
  /** ms, UTC: when the forced cancel was asked for; null: not yet. */
  forcedAt: number | null
  /** ms, UTC: when GitHub answered the latest request; null: not yet. */
  answeredAt: number | null
  /** ms, UTC: when the latest request failed; null: it did not. */
  failedAt: number | null
}

/** What has been seen of a job's run. All times are ms, UTC, by the orchestration's clock. */
export interface Observation {
  /** How many readings there were, successful or not. */
  count: number
  /** When the latest reading ended, successful or not; null: none yet. */
  triedAt: number | null
  /** When the latest reading that told something (a run, or its clean absence) came; null: none yet. */
  lastAt: number | null
  /** Latest run read; null: none yet. */
  run: WorkflowRun | null
  /** When the run was first seen in progress or later. */
  inProgressSince: number | null
  /** When the run was first missing (404), with no sight of it since. */
  absentSince: number | null
  /** Latest failed reading, until one succeeds. */
  failure: Failure | null
  /** When to look next. */
  nextAt: number
}

export interface WaitingJob {
  phase: 'waiting'
  /** What the looks for a run of an earlier orchestration told; left out: there was none. */
  reuse?: RunReuse
}

/** Looks for a run that builds the same and may be taken over instead of dispatching again. */
export interface RunReuse {
  /** Latest listing; null: none could be read yet. */
  found: readonly EarlierRun[] | null
  count: number
  /** When the first look ended, ms, UTC. */
  since: number
  nextAt: number
}

/** A run of an earlier orchestration, or of an earlier start of this one. */
export interface EarlierRun {
  runId: number
  url: string
  /** Whose it is: the origin in its marker; null: known from a journal. */
  origin: string | null
  /** The attempt in its marker; 0 without one. */
  attempt: number
  /** It builds the planned commit with the same fingerprint. */
  isSameBuild: boolean
  /** GitHub's word once it is completed; null: it still goes on. */
  conclusion: string | null
}
/** The intent to dispatch is journaled; what GitHub made of it is not known yet. */
export interface DispatchingJob {
  phase: 'dispatching'
  attempt: number
  /** What was known of earlier runs before it was dispatched. */
  reuse?: RunReuse
  requestedAt: number
  /** GitHub's time, ms, UTC; null: not known. */
  serverTime: number | null
}
/** Whether a run was started is not known: it is looked for, and nothing is dispatched again (law 2). */
export interface SearchingJob {
  phase: 'searching'
  attempt: number
  requestedAt: number
  /** GitHub's time of the intent, ms, UTC: a run of this attempt was created then or later; null: it was not known. */
  serverTime: number | null
  /** Why the answer is missing. */
  failure: Failure
  /** When the search began. */
  since: number
  /** When the latest listing came; null: none yet. */
  listedAt: number | null
  /** What the latest listing held. */
  found: readonly FoundRun[]
  count: number
  nextAt: number
}

/** A run that could be the one looked for. */
export interface FoundRun {
  runId: number
  url: string
}

export interface RunningJob {
  phase: 'running'
  attempt: number
  runId: number
  url: string
  dispatchedAt: number
  observation: Observation
  cancel: CancelState | null
  /** How many re-runs were asked for. */
  reruns: number
  /** The re-run that was asked for and has not shown yet; null: none. */
  rerun: RerunState | null
  /** When the run attempt that goes on was dispatched, or first seen, ms, UTC. */
  attemptSince: number
  /** When its first run attempt left the queue, as far as the readings tell, ms, UTC; left out: it has not been seen to. */
  inProgressAt?: number
}

export interface RerunState {
  /** The run attempt that did not succeed. */
  fromAttempt: number
  requestedAt: number
  /** Why GitHub refused it; null: it did not, or has not answered. */
  refusal: Failure | null
}
export interface SettledJob {
  phase: 'settled'
  outcome: JobOutcome
  /** One clause for a reader. */
  reason: string
  settledAt: number
  attempt: number | null
  runId: number | null
  runAttempt: number | null
  url: string | null
  dispatchedAt: number | null
  /** When its first run attempt left the queue, as far as the readings told, ms, UTC; left out: it was not seen to. */
  inProgressAt?: number
  /** The refusal or ambiguity that settled it without a run. */
  failure: Failure | null
  /** Where its run failed: undefined until it was read, null when it could not be. */
  explanation?: RunFailure | null
  /** When its run is looked at again, ms, UTC: somebody may have run it again by hand. Left out: never. */
  nextAt?: number
  /** How many re-runs were asked for; left out: none. */
  reruns?: number
  /** What became of its own commit status; left out: nothing yet. */
  record?: RecordState
}

/** The status `<context>/<job>` that a settled job leaves on its head. */
export type RecordState =
  { phase: 'requested'; at: number } | { phase: 'posted' } | { phase: 'failed'; failure: Failure }

export type JobState = WaitingJob | DispatchingJob | SearchingJob | RunningJob | SettledJob

/** The rounds in which one head gets our status. `claim` before the first dispatch, then `success`, or `closing`; `revoke` takes a success back. */
export const postRounds = ['claim', 'success', 'closing', 'revoke'] as const
export type PostRound = (typeof postRounds)[number]

export type PostState =
  /** `isOrphaned`: the process that sent it is gone, so that no answer will come. */
  | { phase: 'requested'; at: number; isOrphaned: boolean }
  /** `isOvertaken`: an older orchestration spoke on the head after this claim, so that it is claimed again. */
  | { phase: 'posted'; status: ListedStatus; isOvertaken: boolean }
  | { phase: 'failed'; failure: Failure }
  /** Not posted because the newest status is not ours any more. */
  | { phase: 'withheld'; reason: string }

/** What became of the statuses of one head, by round. */
export type PostsOfHead = Readonly<Partial<Record<PostRound, PostState>>>

/** A difference between what was planned and what a later reading shows. */
export interface Finding {
  kind:
    | 'head-moved'
    | 'branch-appeared'
    | 'branch-gone'
    | 'pull-request-opened'
    | 'pull-request-closed'
    | 'pull-request-retargeted'
    | 'pull-request-merged' // at its tested commit: no reason to stop
    | 'head-shared'
    | 'newer-claim' // a newer orchestration of the change has claimed the head
    | 'status-replaced' // an invalidation, or somebody else's status
  repo: string
  /** One sentence for a reader. */
  message: string
}

/** A re-reading of the change. `unsettled`: branch and pull request disagree, as they may for seconds after a push. */
export type VerificationResult =
  | { kind: 'unchanged'; merged: readonly Finding[] }
  | { kind: 'moved'; findings: readonly Finding[] }
  | { kind: 'unsettled'; reason: string }
  /** Nothing moved, but orchestrations that claimed earlier (`by`, their ids) spoke last on these heads. */
  | { kind: 'overtaken'; repos: readonly RepoName[]; by: readonly string[] }
  | { kind: 'unreadable'; failure: Failure }

/** Successes of ours on commits that were heads of the branch before: a push back to one would unlock it. */
export interface EarlierHeads {
  /** Those that were put back to `pending`. */
  locked: readonly { repo: RepoName; headSha: string }[]
  /** What could not be read or locked. */
  failures: readonly Failure[]
}

export type VerificationStage = 'while-building' | 'before-success' | 'after-success'

export interface VerificationState {
  /** When the first reading of this stage ended, ms, UTC. */
  since: number
  count: number
  result: VerificationResult
  /** How many readings in a row, the latest among them, found the change moved: one alone may come from a lagging replica. */
  movedInARow: number
  /** When to read again if the result asks for it. */
  nextAt: number
}

/** How an orchestration ended. */
export type OrchestrationOutcome =
  | 'succeeded'
  | 'failed' // a build failed
  | 'unknown' // whether the builds are good, or were unlocked, cannot be told
  | 'timed-out' // --timeout
  | 'superseded'
  | 'partially-merged'
  | 'cancelled' // interrupted

export interface Ending {
  outcome: OrchestrationOutcome
  /** One sentence for a reader. */
  reason: string
  /** A missing or refused permission or token is behind it (exit code 4). */
  auth: boolean
}

export type InterruptionCause = 'signal' | 'journal' | 'cancel'

/** One execution of the graph for one change: nothing but the fold of its events. */
export interface Orchestration {
  id: string
  startedAt: number
  plan: Plan
  options: RunOptions
  /** By job, in the order of the plan. */
  jobs: PersistentMap<JobState>
  /** By `repoKey` of the target; one without any post has no entry. */
  posts: PersistentMap<PostsOfHead>
  verifications: Readonly<Partial<Record<VerificationStage, VerificationState>>>
  /** The latest refusals of the token (401), one after the other, with nothing granted in between; null: there is none. */
  tokenRefusal: { count: number; failure: Failure } | null
  /** It waits for a good token: nobody drives it, its builds go on, and a resume continues. */
  isSuspended: boolean
  /** What became of the successes on earlier heads; null: they were not looked at yet. */
  earlierHeads: EarlierHeads | null
  /** Ids of orchestrations that claimed the change earlier and spoke on its heads since: they give way. */
  olderClaims: readonly string[]
  interrupted: { signal: string; cause: InterruptionCause; at: number } | null
  ending: Ending | null
  /** When the latest event happened, ms, UTC. */
  lastAt: number
  /** Another process than the first one drives it. */
  isResumed: boolean
  /** For how long nobody drove it (a crash, a closed laptop), ms: such time does not count towards its own timeout. */
  unattendedMs: number
}

/** What stands for this orchestration in the markers of its runs. */
export function originOf({ id, options }: Orchestration): string {
  return options.eventKey ?? id
}

/** When the time for the whole orchestration is up, ms, UTC. */
export function deadlineOf({ startedAt, options, unattendedMs }: Orchestration): number {
  return startedAt + options.timeoutMs + unattendedMs
}
