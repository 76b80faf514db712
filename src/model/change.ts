import type { Failure } from './failure.js'
import type { RepoName } from './repo-name.js'

/** Whether a pull request could be merged into its base; `unknown`: GitHub has not computed it yet, or could not. */
export type Mergeability = 'mergeable' | 'conflicting' | 'unknown'

/** An open pull request. */
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
  /** Absent: not read. */
  mergeability?: Mergeability
  /** Its base takes pull requests only through a merge queue; absent: the answer does not say so (the REST API never does). */
  hasMergeQueue?: boolean
  /** The head branch is in another repository, or in a deleted one: never part of a change (law 4). */
  isFork: boolean
}

export const statusStates = ['error', 'failure', 'pending', 'success'] as const
export type StatusState = (typeof statusStates)[number]

/** A commit status. It is immutable; the newest of a context counts. */
export interface CommitStatus {
  /** null: it was read by GraphQL, which returns no id. */
  id: number | null
  state: StatusState
  context: string
  description: string
  targetUrl: string
  /** Login of its author; empty: GitHub does not return it. */
  creator: string
  /** ms since the epoch, UTC, by GitHub's clock. */
  createdAt: number
}

/** A commit status as the REST API returns it (GET /repos/{o}/{r}/commits/{ref}/statuses, POST /repos/{o}/{r}/statuses/{sha}). */
export interface ListedStatus extends CommitStatus {
  /** Increases with time within GitHub, also between statuses of the same second. */
  id: number
}

/**
 * Whether two readings show the same status. If one has no id, by all fields and the second of creation: two statuses that agree in all
 * of these are interchangeable.
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

/** GitHub returns whole seconds. */
function secondOf({ createdAt }: CommitStatus): number {
  return Math.floor(createdAt / 1000)
}

/** A workflow file where a dispatch needs it: on the default branch, to be dispatchable, and at the head, which is what runs. */
export interface WorkflowFile {
  /** File name below `.github/workflows/`. */
  workflow: string
  /** Text at the branch's head; null: absent there, or there is no branch. */
  atHead: string | null
  /** Text on the default branch; null: absent there. */
  atDefaultBranch: string | null
}

/** Whether GitHub starts runs of a workflow. A word of GitHub that is not known here counts as `active`. */
export type WorkflowState = 'active' | 'disabled'

/** The latest attempt of a run of a commit, as read together with the change. */
export interface CommitRun {
  runId: number
  /** Page for people. */
  url: string
  /** File name below `.github/workflows/`. */
  workflow: string
  /** Whether this workflow can be started now; absent: the answer does not contain it. */
  workflowState?: WorkflowState
  headSha: string
  /** GitHub's words, in lower case as in the REST API. */
  status: string
  conclusion: string | null
  /** ms since the epoch, UTC, by GitHub's clock. */
  createdAt: number
  /** When GitHub last changed it; for a completed run its end. */
  updatedAt: number
}

/** A pull request of a branch that is no longer open, never a fork's. */
export interface EndedPullRequest {
  number: number
  /** Page for people. */
  url: string
  /** False: it was closed without being merged. */
  isMerged: boolean
  /** Its head when it ended. */
  headSha: string
  baseRef: string
}

/** What one reading found of a branch in one repository of the graph. */
export interface RepositoryRead {
  kind: 'read'
  repo: RepoName
  isArchived: boolean
  defaultBranch: string
  /** Head of the default branch; null: the repository is empty. */
  defaultBranchSha: string | null
  /** Head of the change's branch; null: GitHub answered that it does not exist. */
  headSha: string | null
  /** Open pull requests of the branch, never a fork's. */
  pullRequests: readonly PullRequest[]
  /** Other open pull requests whose head is the same commit: of another branch, or a fork's (law 4). */
  sameHead: readonly PullRequest[]
  /** Newest status of the context on `headSha`; null: none, or no head. */
  status: CommitStatus | null
  /** One for each requested workflow; where the branch is absent, empty unless its default branch is to be built. */
  workflows: readonly WorkflowFile[]
  /** Newest status of each context `<context>/<job>` on `headSha`; absent: not requested. */
  jobStatuses?: readonly CommitStatus[]
  /** Runs of `headSha` in the same answer, possibly not all of them; absent: the answer has no runs. */
  runs?: readonly CommitRun[]
  /**
   * The newest status of the context on each earlier head of the branch that has one, if the same answer proves that these are all;
   * absent: not requested, or there may be more.
   */
  earlierStatuses?: readonly EarlierStatus[]
  /** Whether a head without a pull request has commits that the default branch lacks; absent: not read, or it has one. */
  isAhead?: boolean
  /** Pull requests of the branch that are no longer open, all of them; absent: not requested, or there is no branch. */
  endedPullRequests?: readonly EndedPullRequest[]
  /** Branches whose name differs from the change's only in case, all of them; absent: not requested, or the branch itself exists. */
  caseVariants?: readonly string[]
  /** Why the answer is outdated: it is older than what was read before. Absent: there is no sign of that. */
  lag?: string
}

/** The repository could not be read: not the same as an absent branch (law 3). */
export interface RepositoryUnreadable {
  kind: 'unreadable'
  repo: RepoName
  failure: Failure
}

export type RepositoryReading = RepositoryRead | RepositoryUnreadable

/** A pull request read on its own, because it is no longer among the open ones. */
export interface PullRequestState {
  number: number
  state: 'open' | 'closed' | 'merged'
  headSha: string
  baseRef: string
}

/** An earlier head of a branch, and the newest status of the context on it. */
export interface EarlierStatus {
  headSha: string
  status: CommitStatus
}
