import type { CommitStatus, PullRequest } from '../change.js'
import type { Graph } from '../graph.js'
import type { RepoName } from '../repo-name.js'

/** A repository of the graph that has the branch, unless the branch is the leftover of a merged pull request (law 3). */
export interface Member {
  repo: RepoName
  headSha: string
  pullRequests: readonly PullRequest[]
  /** Absent: not recorded, in journals of older versions. */
  defaultBranch?: string
  /** It has commits that the default branch lacks, and no pull request. Absent: no, or not read. */
  isAhead?: boolean
  /**
   * The newest status of the context on its head when the change was planned, if it had no pull request then; absent: there was none.
   * A pull request that is opened later is claimed only if no other writer has posted since.
   */
  status?: CommitStatus
}

/** A repository of the graph whose default branch counts: it has no branch of the change, or only a merged one. */
export interface Absentee {
  repo: RepoName
  defaultBranch: string
  defaultBranchSha: string | null
  /** The branch still exists, but its pull requests were merged at its head; absent: there is no branch. */
  merged?: MergedBranch
  /** A job builds its default branch, which is then part of the tested set; absent: no. */
  isBuilt?: boolean
}

/** The leftover of a merged pull request: the default branch has everything that this branch would add. */
export interface MergedBranch {
  headSha: string
  /** The pull requests that were merged at this head. */
  pullRequests: readonly { number: number; url: string; baseRef: string }[]
}

/** An earlier run that built a job, as read from GitHub. */
export interface BuiltRun {
  runId: number
  /** Page for people. */
  url: string
  /** When it ended, ms, UTC, by GitHub's clock. */
  endedAt: number
}

/** The run of an earlier build of a job that a person re-runs. */
export interface RestartedRun {
  runId: number
  /** Page for people. */
  url: string
}

/**
 * What an orchestration does with one job: `run` dispatches it; `fresh` relies on an earlier run of the same build; `skip` keeps its
 * place in the order only, because its repository does not have the branch, or only a merged one; `exclude` does nothing, because of `--only`.
 * A job with `without-branch: build` is never skipped: it builds the default branch.
 */
export interface PlannedJob {
  job: string
  action: 'run' | 'fresh' | 'skip' | 'exclude'
  /** Why, one clause for a reader. */
  reason: string
  /** The commit to build; null: the job is skipped. */
  headSha: string | null
  /** The name of the default branch, if that is built because the branch is absent or merged; absent: the branch of the change is built. */
  defaultBranch?: string
  fingerprint: string
  /** Its workflow accepts the marker as the input `orch_id` and shows it in the title of the run, so that the run can be found by it. */
  carriesMarker: boolean
  /** The run that a `fresh` job relies on; absent for all others. */
  built?: BuiltRun
  /** The run of the same build that is running again: the job follows it instead of a dispatch. Absent: none. */
  restarted?: RestartedRun
  /** Recent duration of its successful runs, from the dispatch to the end, ms; absent: unknown. */
  usualMs?: number
}

/** A commit that gets our status, and the pull requests it unlocks. */
export interface StatusTarget {
  repo: RepoName
  headSha: string
  pullRequests: readonly PullRequest[]
  /** The newest status of the context when the change was planned, or when the head joined; null: there was none. */
  status: CommitStatus | null
  /**
   * Id of the orchestration that wrote that status, unless it is a success: it may be unfinished, with runs in progress. null for a
   * head that joined.
   */
  claimedBy: string | null
  /** The member had no pull request when the change was planned. Its head is claimed while the jobs run. Absent: no. */
  isJoined?: true
  /** Earlier heads of the branch with a success of ours, if planning could read all of them; absent: not read yet. */
  earlierSuccesses?: readonly string[]
}

/** A run of an earlier orchestration, known from its journal. */
export interface KnownRun {
  job: string
  fingerprint: string
  runId: number
  url: string
}

/** Everything `orch run` will do, decided before anything is written. Pull requests that join the change later are added to it. */
export interface Plan {
  branch: string
  graph: Graph
  members: readonly Member[]
  absent: readonly Absentee[]
  /** In the graph's topological order. */
  jobs: readonly PlannedJob[]
  /** Set digest over members, the bases of their pull requests, and absent repositories, 64 hex digits. */
  setDigest: string
  /** Heads of the change's open pull requests, one per member that has any; empty: there is nothing to unlock. */
  targets: readonly StatusTarget[]
  /** Nothing has to be built or posted: all jobs are fresh or skipped, and each target has our success for this set. Absent: no. */
  isUnlocked?: boolean
  /** Warnings for the reader; they do not stop the orchestration. */
  warnings: readonly string[]
}

/** What an orchestration knows of earlier ones for the same change. */
export interface EarlierRuns {
  /** Identifies the triggering event in the markers: every start for the same event has the same key, also without a journal. null: none. */
  eventKey: string | null
  /** An earlier start for the same event may have dispatched right before it was killed: GitHub may not list its runs yet. */
  isRestart: boolean
  /** Ids of the orchestrations that the same command ran before this one (`--follow`). */
  predecessors: readonly string[]
  /** Runs of earlier orchestrations of the change that can be reused. */
  knownRuns: readonly KnownRun[]
  /** Heads with a success of ours, known from journals. */
  earlierHeads: readonly { repo: RepoName; headSha: string }[]
}

/** No earlier orchestration is known. */
export const noEarlierRuns: EarlierRuns = {
  eventKey: null,
  isRestart: false,
  predecessors: [],
  knownRuns: [],
  earlierHeads: [],
}

/** The options of an orchestration. */
export interface RunOptions extends EarlierRuns {
  failFast: boolean
  maxParallel: number | null
  /** For the whole orchestration, ms. */
  timeoutMs: number
  /** False with `--no-status`, and if `--only` excludes jobs: the commit status of the context is neither read nor written. */
  postStatus: boolean
  /** Whether each built job posts a status of its own on its head: not with `--no-status`. Absent: no. */
  recordJobs?: boolean
  /** The job named by `--only`; null: all. */
  only: string | null
  /** With `--force`: what another orchestration built is built again. Absent: no. */
  force?: boolean
  /** The address behind our statuses: the CI run, or the change's pull requests. */
  link: string
}
