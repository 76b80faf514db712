import type { CommitStatus, PullRequest, PullRequestState, RepositoryReading } from '../../model/change.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

export interface ChangeQuery {
  branch: string
  statusContext: string
  /** Each repository once; with the workflow files (names below `.github/workflows/`) to read at the head and on the default branch. */
  repositories: readonly { repo: RepoName; workflows: readonly string[] }[]
  /** Also the statuses `<statusContext>/<job>` on the heads, with the runs and the earlier heads that come along: for planning. */
  jobStatuses?: boolean
  /** How often the same has been asked for already; left out: never. What is asked for again and again may be asked for in another way. */
  repeated?: number
}

/** An open pull request of this repository itself (never a fork's) with the newest status of the context on its head. */
export interface PullRequestWithStatus {
  pullRequest: PullRequest
  status: CommitStatus | null
}

/** Reads changes: branches, pull requests, and who asks. Expected failures are values; nothing here rejects but for bugs. */
export interface Changes {
  /** Reads a change across repositories: one reading for each repository asked for, in that order. */
  readChange(query: ChangeQuery): Promise<RepositoryReading[]>
  /** Open same-repository pull requests whose head branch `matches`, of each repository, in that order. */
  readPullRequests(query: {
    repositories: readonly RepoName[]
    statusContext: string
    matches: (headRef: string) => boolean
  }): Promise<{ repo: RepoName; read: Read<PullRequestWithStatus[]> }[]>
  /** One pull request, open or not. */
  readPullRequest(repo: RepoName, number: number): Promise<Read<PullRequestState>>
  /** Names of the branches that start with `prefix`, at most a few hundred. */
  listBranches(repo: RepoName, prefix: string): Promise<Read<string[]>>
  /**
   * Login of the token's user; null: GitHub does not say (an installation's token, such as GITHUB_TOKEN, has none over REST).
   * @param repo the repository that a failure names
   */
  login(repo: RepoName): Promise<Read<string | null>>
}
