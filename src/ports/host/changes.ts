import type {
  CommitStatus,
  PullRequest,
  PullRequestState,
  RepositoryReading,
  WorkflowState,
} from '../../model/change.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** What to read of one repository. */
export interface RepositoryQuery {
  repo: RepoName
  workflows: readonly string[]
  /** Whether the workflow files are also read where the branch is absent, because the default branch is built then. Absent: no. */
  buildsDefaultBranch?: boolean
}

/** Which change to read. */
export interface ChangeQuery {
  branch: string
  statusContext: string
  /** Each repository once, with the workflow files (names below `.github/workflows/`) to read at the head and on the default branch. */
  repositories: readonly RepositoryQuery[]
  /** Also reads the statuses `<statusContext>/<job>` on the heads, with the runs and earlier heads in the same answer: for planning. */
  jobStatuses?: boolean
  /** Also reads whether each pull request of the branch could be merged. */
  mergeability?: boolean
  /** Also reads whether a head without a pull request has commits that the default branch lacks. */
  ahead?: boolean
  /** Also reads what decides whether a branch is a member: its ended pull requests, and branches that differ from it only in case. */
  membership?: boolean
  /** How often the same query was made before; absent: never. Repeated queries may use cheaper requests. */
  repeated?: number
}

/** An open pull request of this repository itself (never a fork's) with the newest status of the context on its head. */
export interface PullRequestWithStatus {
  pullRequest: PullRequest
  status: CommitStatus | null
}

/** Reads changes: branches, pull requests, and the token's user. Expected failures are values; a rejection is a bug. */
export interface Changes {
  /** Reads a change across repositories: one reading per repository, in the order of the query. */
  readChange(query: ChangeQuery): Promise<RepositoryReading[]>
  /** The open same-repository pull requests whose head branch `matches`, per repository, in the order of the query. */
  readPullRequests(query: {
    repositories: readonly RepoName[]
    statusContext: string
    matches: (headRef: string) => boolean
  }): Promise<{ repo: RepoName; read: Read<PullRequestWithStatus[]> }[]>
  /** Reads one pull request, open or not. */
  readPullRequest(repo: RepoName, number: number): Promise<Read<PullRequestState>>
  /** Whether GitHub starts runs of a workflow; null: GitHub does not know it, or does not show it to this token. */
  readWorkflowState(repo: RepoName, workflow: string): Promise<Read<WorkflowState | null>>
  /** The names of the files below `.github/workflows/` at a commit, or on the default branch if `sha` is null. */
  listWorkflowFiles(repo: RepoName, sha: string | null): Promise<Read<string[]>>
  /** The names of the branches that start with `prefix`, at most a few hundred. */
  listBranches(repo: RepoName, prefix: string): Promise<Read<string[]>>
  /**
   * The login of the token's user; null: GitHub does not return it (an installation token such as GITHUB_TOKEN has none over REST).
   * @param repo the repository that a failure names
   */
  login(repo: RepoName): Promise<Read<string | null>>
}
