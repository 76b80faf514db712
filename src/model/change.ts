import type { Failure } from './failure.js'
import type { RepoName } from './repo-name.js'

/** An open pull request, as far as a change cares. */
export interface PullRequest {
  number: number
  /** Page for people. */
  url: string
  /** Untrusted text. */
  title: string
  headRef: string
  headSha: string
  baseRef: string
  isDraft: boolean
  /** The head branch lives in another repository (or in one that is gone): never part of a change (law 4). */
  isFork: boolean
}

export const statusStates = ['error', 'failure', 'pending', 'success'] as const
export type StatusState = (typeof statusStates)[number]

/** A commit status: immutable, the newest of a context counts. */
export interface CommitStatus {
  /** null: it was read by GraphQL, which tells none. */
  id: number | null
  state: StatusState
  context: string
  description: string
  targetUrl: string
  /** Login of who posted it; empty when GitHub does not say. */
  creator: string
  /** ms since the epoch, UTC, by GitHub's clock. */
  createdAt: number
}

/** A commit status as the REST API tells it (GET /repos/{o}/{r}/commits/{ref}/statuses, POST /repos/{o}/{r}/statuses/{sha}). */
export interface ListedStatus extends CommitStatus {
  /** Grows with time within GitHub; tells two statuses of the same second apart. */
  id: number
}

/**
 * Whether two readings show the same status. Without an id on both sides by everything that it says and its second: two that agree in
 * all of that mean the same too.
 */
export function isSameStatus(one: CommitStatus, other: CommitStatus): boolean {
  if (one.id !== null && other.id !== null) return one.id === other.id
  return (
    one.state === other.state &&
    one.description === other.description &&
    one.targetUrl === other.targetUrl &&
    one.creator.toLowerCase() === other.creator.toLowerCase() &&
    secondOf(one) === secondOf(other)
  )
}

/** GitHub tells whole seconds. */
function secondOf({ createdAt }: CommitStatus): number {
  return Math.floor(createdAt / 1000)
}

/** A workflow file where a dispatch needs it: on the default branch (to be dispatchable) and at the head (what runs). */
export interface WorkflowFile {
  /** File name below `.github/workflows/`. */
  workflow: string
  /** Text at the branch's head; null: absent there. */
  atHead: string | null
  /** Text on the default branch; null: absent there. */
  atDefaultBranch: string | null
}

/** A run of a commit, as a reading of the change brings it: of its latest attempt. */
export interface CommitRun {
  runId: number
  /** Page for people. */
  url: string
  /** File name below `.github/workflows/`. */
  workflow: string
  headSha: string
  /** GitHub's words, in lower case as in the REST API. */
  status: string
  conclusion: string | null
  /** ms since the epoch, UTC, by GitHub's clock. */
  createdAt: number
  /** When it was last heard of: for a completed one its end. */
  updatedAt: number
}

/** What one repository of the graph says about a branch, at one moment. */
export interface RepositoryRead {
  kind: 'read'
  repo: RepoName
  isArchived: boolean
  defaultBranch: string
  /** Head of the default branch; null: the repository is empty. */
  defaultBranchSha: string | null
  /** Head of the change's branch; null: GitHub answered cleanly that it does not exist. */
  headSha: string | null
  /** Open pull requests of the branch, never a fork's. */
  pullRequests: readonly PullRequest[]
  /** Other open pull requests whose head is the same commit: of another branch, or a fork's (law 4). */
  sameHead: readonly PullRequest[]
  /** Newest status of the context on `headSha`; null: none, or no head. */
  status: CommitStatus | null
  /** One for each workflow that was asked for; empty where the branch is absent. */
  workflows: readonly WorkflowFile[]
  /** Newest status of each context `<context>/<job>` on `headSha`, where they were asked for. */
  jobStatuses?: readonly CommitStatus[]
  /** Runs of `headSha` that came with them: those that GitHub tells in the same answer, never all for certain. Left out: it tells none. */
  runs?: readonly CommitRun[]
  /** Runs of `defaultBranchSha` that came with them, likewise. */
  defaultBranchRuns?: readonly CommitRun[]
  /**
   * The newest status of the context on each commit that was the head of the branch before and has one, where the same answer proves
   * that these are all. Left out: not asked for, or not for certain all.
   */
  earlierStatuses?: readonly EarlierStatus[]
  /** Why the answer cannot be the state of now: it is older than what was seen before. Left out: nothing speaks against it. */
  lag?: string
}

/** The repository could not be read: not the same as an absent branch (law 3). */
export interface RepositoryUnreadable {
  kind: 'unreadable'
  repo: RepoName
  failure: Failure
}

export type RepositoryReading = RepositoryRead | RepositoryUnreadable

/** A pull request read on its own, to learn what became of one that is no longer open. */
export interface PullRequestState {
  number: number
  state: 'open' | 'closed' | 'merged'
  headSha: string
}

/** A commit that was the head of a branch before, and the newest status of the context on it. */
export interface EarlierStatus {
  headSha: string
  status: CommitStatus
}
