import type { SetupPullRequest } from '../../model/setup.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from './read.js'

/** A ruleset that requires one status on the default branch. */
export interface StatusRuleset {
  name: string
  context: string
  /** The only GitHub App whose statuses count; null: all. */
  appId: number | null
}

export interface FoundRuleset {
  id: number
  /** Whether it is as `createStatusRuleset` makes it, apart from the App. */
  isUnchanged: boolean
}

/** Changes the setup of repositories. Each request is sent once, and again only after a rate limit. Failures are values; a rejection is a bug. */
export interface Setup {
  /** The ruleset of that name of the repository itself; null: none. */
  findStatusRuleset(repo: RepoName, ruleset: Omit<StatusRuleset, 'appId'>): Promise<Read<FoundRuleset | null>>
  createStatusRuleset(repo: RepoName, ruleset: StatusRuleset): Promise<Read<null>>
  deleteRuleset(repo: RepoName, id: number): Promise<Read<null>>
  createBranch(repo: RepoName, branch: string, sha: string): Promise<Read<null>>
  deleteBranch(repo: RepoName, branch: string): Promise<Read<null>>
  /** Commits a new file to a branch. */
  addFile(file: { repo: RepoName; branch: string; path: string; text: string; message: string }): Promise<Read<null>>
  /** Commits the removal of a file to a branch. */
  removeFile(file: { repo: RepoName; branch: string; path: string; message: string }): Promise<Read<null>>
  openPullRequest(pull: {
    repo: RepoName
    branch: string
    base: string
    title: string
    body: string
  }): Promise<Read<SetupPullRequest>>
  closePullRequest(repo: RepoName, number: number): Promise<Read<null>>
}
