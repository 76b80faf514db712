import type { PlannedJob } from '../build/plan.js'
import type {
  BuiltRunJson,
  ChangePullRequestJson,
  CommitSha,
  Count,
  HeadJson,
  JsonVersion,
  MergedPullRequestJson,
  Milliseconds,
  Ordinal,
  RepositoryName,
  SetDigest,
} from './common.js'

/** The options that a run was started with. */
export interface RunOptionsJson {
  failFast: boolean
  maxParallel: Ordinal | null
  timeoutMs: Milliseconds
  postStatus: boolean
  /** The job of `--only`. */
  only: string | null
}

/** A job of the graph and what the plan does with it. */
export interface PlannedJobJson {
  /** Job id of the graph file. */
  job: string
  repository: RepositoryName
  /** File name below `.github/workflows/`. */
  workflow: string
  /** Type of the event that starts the workflow on the default branch; null: it is dispatched. */
  eventType: string | null
  needs: readonly string[]
  /** `run`: it is dispatched; `fresh`: an earlier run built the same; `skip`: the branch is absent or merged; `exclude`: `--only` excludes it. */
  action: PlannedJob['action']
  /** Why the plan has this action. */
  reason: string
  headSha: CommitSha | null
  /** The default branch, if that is built because the branch is absent or merged; null: it is not. */
  defaultBranch: string | null
  /** The run that a fresh job reuses; null for all others. */
  built: BuiltRunJson | null
  /** How long its successful runs took lately, from the dispatch to the end, in milliseconds; null: not known. */
  usualMs: Count | null
}

/** What a plan consists of: shared by `orch plan --json`, `orch show --json` and the `started` line. */
export interface PlanContentJson {
  branch: string
  statusContext: string
  setDigest: SetDigest
  /** The address behind the commit statuses. */
  link: string
  options: RunOptionsJson
  /** In a topological order. */
  jobs: readonly PlannedJobJson[]
  /** The change's open pull requests. */
  pullRequests: readonly ChangePullRequestJson[]
  warnings: readonly string[]
}

/** A planned job of `orch plan --json`. */
export interface PlanJobJson extends PlannedJobJson {
  /** 1: it waits for no other job; jobs of one step do not wait for each other. */
  step: Ordinal
}

/** A repository of the graph whose default branch counts: it has no branch of the change, or only a merged one. */
export interface AbsentRepositoryJson {
  repository: RepositoryName
  defaultBranch: string
  defaultBranchSha: CommitSha | null
  /** Whether a job builds its default branch, which is then part of the set. */
  isBuilt: boolean
  /** The branch, if it is only the leftover of merged pull requests; null: there is no branch. */
  merged: MergedBranchJson | null
}

/** A branch whose pull requests were merged at its head. */
export interface MergedBranchJson {
  headSha: CommitSha
  pullRequests: readonly MergedPullRequestJson[]
}

/** A job of the critical path. */
export interface CriticalJobJson {
  job: string
  usualMs: Count | null
}

/** How many requests of a run write to GitHub. */
export interface PlannedWritesJson {
  /** `pending` on each head, before anything is dispatched. */
  claims: Count
  dispatches: Count
  /** One for each job that is built. */
  jobStatuses: Count
  successes: Count
  all: Count
}

/** How much GitHub's limits on writes delay the end, in milliseconds; the maximum if `isLowerBound`. */
export interface WriteDelaysJson {
  /** By the limit of 80 writes a minute. */
  minuteMs: Count
  /** By the limit of 500 writes an hour. */
  hourMs: Count
}

/** What a run is expected to take if every build succeeds; durations in milliseconds. */
export interface EstimateJson {
  /** How many jobs are built. */
  builds: Count
  /** From the start to the end of the last build; null: no usual duration is known. */
  makespanMs: Count | null
  /** From the start until the last pull request is unlocked; null: not known, or nothing is unlocked. */
  unlockedMs: Count | null
  /** True: `unknownJobs` count as 0, so each duration is a lower bound. */
  isLowerBound: boolean
  /** The jobs that are built and whose usual duration is not known. */
  unknownJobs: readonly string[]
  /** null: no usual duration is known. */
  criticalPathMs: Count | null
  /** The chain of builds that takes longest; the longest chain where no duration is known. */
  criticalPath: readonly CriticalJobJson[]
  writes: PlannedWritesJson
  limits: WriteDelaysJson
}

/** The document of `orch plan --json`. */
export interface PlanJson extends PlanContentJson {
  version: JsonVersion
  /** In a topological order. */
  jobs: readonly PlanJobJson[]
  /** The repositories with the branch. */
  members: readonly HeadJson[]
  /** The repositories without the branch, or with a merged one. */
  absent: readonly AbsentRepositoryJson[]
  estimate: EstimateJson
  /** The pull requests that a success would unlock, or that are unlocked. */
  unlocks: readonly ChangePullRequestJson[]
  /** True: everything is built and unlocked, so a run would dispatch and post nothing. */
  isUnlocked: boolean
}
