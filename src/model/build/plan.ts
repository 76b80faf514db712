import type { CommitStatus, PullRequest } from '../change.js'
import type { Graph } from '../graph.js'
import type { RepoName } from '../repo-name.js'

/** A repository of the graph that has the branch. */
export interface Member {
  repo: RepoName
  headSha: string
  pullRequests: readonly PullRequest[]
}

/** A repository of the graph without the branch. */
export interface Absentee {
  repo: RepoName
  defaultBranch: string
  defaultBranchSha: string | null
}

/** A run that built a job before, read from GitHub. */
export interface BuiltRun {
  runId: number
  /** Page for people. */
  url: string
  /** When it ended, ms, UTC, by GitHub's clock. */
  endedAt: number
}

/**
 * What a run does with one job: `run` dispatches it, `fresh` rests on an earlier run of the same build, `skip` only keeps its place
 * in the order, `exclude` is left out by `--only`.
 */
export interface PlannedJob {
  job: string
  action: 'run' | 'fresh' | 'skip' | 'exclude'
  /** Why, one clause for a reader. */
  reason: string
  /** What would be built; null: the branch is absent. */
  headSha: string | null
  fingerprint: string
  /** Its workflow takes our marker as the input `orch_id` and shows it in the title of the run, by which the run can be found. */
  carriesMarker: boolean
  /** The run that a `fresh` job rests on; left out for all others. */
  built?: BuiltRun
  /** How long its successful runs took lately, from the dispatch to the end, ms; left out: not known. */
  usualMs?: number
}

/** A commit that gets our status, and the pull requests it unlocks. */
export interface StatusTarget {
  repo: RepoName
  headSha: string
  pullRequests: readonly PullRequest[]
  /** The newest status of the context when the change was planned; null: there was none. */
  status: CommitStatus | null
  /** Id of the orchestration that wrote that status, unless it says success: it may be unfinished, and its runs may go on. */
  claimedBy: string | null
  /** Earlier heads of the branch that carry a success of ours, as planning read them for certain; left out: they are still to be read. */
  earlierSuccesses?: readonly string[]
}

/** A run that an earlier orchestration left, known from its journal. */
export interface KnownRun {
  job: string
  fingerprint: string
  runId: number
  url: string
}

/** Everything `orch run` will do, decided before anything is written. */
export interface Plan {
  branch: string
  graph: Graph
  members: readonly Member[]
  absent: readonly Absentee[]
  /** In the graph's topological order. */
  jobs: readonly PlannedJob[]
  /** sha256 over members and absent repositories, 64 hex digits. */
  setDigest: string
  /** Heads of the change's open pull requests, one per member that has any; empty: there is nothing to unlock. */
  targets: readonly StatusTarget[]
  /** Nothing is to be built or posted: all jobs are fresh or skipped, and each target already has our success for this very set. Left out: no. */
  isUnlocked?: boolean
  /** What the reader should know although it stops nothing. */
  warnings: readonly string[]
}

/** What a run knows of those before it for the same change. */
export interface EarlierRuns {
  /** Names the event that is answered, in the markers: every start for the same event has the same, also where no journal is left. null: none. */
  eventKey: string | null
  /** An earlier start for the same event may have dispatched right before it died, so that GitHub's listing has to catch up first. */
  isRestart: boolean
  /** Ids of the orchestrations that this one follows, in one command. */
  predecessors: readonly string[]
  /** Runs of earlier orchestrations of the change that may be taken over. */
  knownRuns: readonly KnownRun[]
  /** Heads that got a success of ours before, known from journals. */
  earlierHeads: readonly { repo: RepoName; headSha: string }[]
}

/** Nothing is known. */
export const noEarlierRuns: EarlierRuns = {
  eventKey: null,
  isRestart: false,
  predecessors: [],
  knownRuns: [],
  earlierHeads: [],
}

/** How a run was asked for. */
export interface RunOptions extends EarlierRuns {
  failFast: boolean
  maxParallel: number | null
  /** For the whole orchestration, ms. */
  timeoutMs: number
  /** False with `--no-status`, and where `--only` leaves jobs out: the context's commit status is neither read nor written. */
  postStatus: boolean
  /** Whether each job that was built leaves a status of its own on its head: not with `--no-status`. Left out: no. */
  recordJobs?: boolean
  /** The job named by `--only`; null: all. */
  only: string | null
  /** The address behind our statuses: the CI run, or the change's pull requests. */
  link: string
}
