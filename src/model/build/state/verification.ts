import type { CommitStatus, PullRequest } from '../../change.js'
import type { Failure } from '../../failure.js'
import type { MergeBlocker } from '../../merge-blocker.js'
import type { RepoName } from '../../repo-name.js'

/** A difference between the plan and a later reading of the change. */
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
    | 'newer-claim' // a newer orchestration of the change claimed the head
    | 'status-replaced' // by an invalidation, or by the status of another writer
  repo: string
  /** One sentence for a reader. */
  message: string
  /** The number of the pull request that was merged; absent for all other kinds. */
  pullRequest?: number
}

/**
 * Pull requests of a member that were opened after the plan, at its tested head and with the bases of the plan: nothing that is tested
 * differs, so they join the change.
 */
export interface JoiningMember {
  repo: RepoName
  pullRequests: readonly PullRequest[]
  /** The numbers of the closed pull requests that they replace: each had the same base. */
  replaced: readonly number[]
  /** The newest status of the context on the head; null: there is none. */
  status: CommitStatus | null
}

/** The result of reading the change again. */
export type VerificationResult =
  /** Nothing moved that matters. `merged`: pull requests that were merged at their tested commit. */
  | { kind: 'unchanged'; merged: readonly Finding[] }
  | { kind: 'moved'; findings: readonly Finding[] }
  /** Nothing moved, but the set cannot be merged as a set (law 10). Only before and after success. */
  | { kind: 'blocked'; blockers: readonly MergeBlocker[]; merged: readonly Finding[] }
  /** Nothing moved, but pull requests were opened that join the change. The change is read again after their heads are claimed. */
  | { kind: 'joined'; members: readonly JoiningMember[]; merged: readonly Finding[] }
  /** Branch and pull request disagree on the head, as they may for seconds after a push. */
  | { kind: 'unsettled'; reason: string }
  /** Nothing moved, but older orchestrations (`by`, their ids) posted the newest status on these heads. */
  | { kind: 'overtaken'; repos: readonly RepoName[]; by: readonly string[] }
  | { kind: 'unreadable'; failure: Failure }

/** Successes of ours on commits that were heads of the branch before: a push back to one of them would unlock it. */
export interface EarlierHeads {
  /** Those that were put back to `pending`. */
  locked: readonly { repo: RepoName; headSha: string }[]
  /** What could not be read or locked. */
  failures: readonly Failure[]
}

/**
 * When the change is read again: every 30 s while builds run, then right before and right after success is posted. After a success was
 * revoked, one reading shows which pull requests were merged meanwhile.
 */
export type VerificationStage = 'while-building' | 'before-success' | 'after-success' | 'after-revocation'

/** The readings of one stage so far. */
export interface VerificationState {
  /** When the first reading of this stage ended, ms, UTC. */
  since: number
  /** When the latest reading ended, ms, UTC. */
  readAt: number
  count: number
  /** The latest result. */
  result: VerificationResult
  /** Number of readings in a row, up to the latest, that found the change moved: a single one may come from a lagging replica. */
  movedInARow: number
  /** When the first of the readings in a row, up to the latest, that found a mergeability unknown ended, ms, UTC; null: the latest did not. */
  unknownSince: number | null
  /** When to read again if the result asks for it. */
  nextAt: number
}
