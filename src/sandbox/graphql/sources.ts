import type { GitCommit, TreeEntry } from '../git/git-store.js'
import type { Account, Activity, CommitStatus, PullRequest, Repository, Workflow, WorkflowRun } from '../state/model.js'

/** The source objects of the schema's types. `__typename` identifies the type where the schema allows several. */
export interface AccountSource {
  __typename: Account['type']
  account: Account
}

export interface RepositorySource {
  __typename: 'Repository'
  repository: Repository
}

export interface RefSource {
  __typename: 'Ref'
  repository: Repository
  /** The full name. */
  ref: string
  sha: string
}

export interface CommitSource {
  __typename: 'Commit'
  repository: Repository
  commit: GitCommit
}

export interface BlobSource {
  __typename: 'Blob'
  repository: Repository
  oid: string
  content: Uint8Array
}

/** A folder of a commit; `path` is empty for the root. */
export interface TreeSource {
  __typename: 'Tree'
  repository: Repository
  oid: string
  commit: string
  path: string
}

/** A file or folder of a commit with its whole path. */
export interface TreeEntrySource {
  repository: Repository
  commit: string
  path: string
  entry: TreeEntry
}

/** The combined statuses of a commit. */
export interface StatusSource {
  __typename: 'Status'
  repository: Repository
  sha: string
  /** The newest status of each context. */
  latest: CommitStatus[]
}

export interface StatusContextSource {
  __typename: 'StatusContext'
  repository: Repository
  status: CommitStatus
}

type RunType = 'WorkflowRun' | 'CheckSuite' | 'WorkflowRunFile'

/** A workflow run and its check suite; GitHub creates one for each run. */
export interface RunSource<Type extends RunType> {
  __typename: Type
  repository: Repository
  run: WorkflowRun
}

export interface WorkflowSource {
  __typename: 'Workflow'
  repository: Repository
  workflow: Workflow
}

export interface PullSource {
  __typename: 'PullRequest'
  /** The repository of the base. */
  repository: Repository
  pull: PullRequest
}

export interface ForcePushSource {
  __typename: 'HeadRefForcePushedEvent'
  repository: Repository
  pull: PullRequest
  activity: Activity
}

export function accountSource(account: Account): AccountSource {
  return { __typename: account.type, account }
}

export function repositorySource(repository: Repository): RepositorySource {
  return { __typename: 'Repository', repository }
}

export function pullSource(repository: Repository, pull: PullRequest): PullSource {
  return { __typename: 'PullRequest', repository, pull }
}

export function commitSource(repository: Repository, commit: GitCommit): CommitSource {
  return { __typename: 'Commit', repository, commit }
}

export function statusContextSource(repository: Repository, status: CommitStatus): StatusContextSource {
  return { __typename: 'StatusContext', repository, status }
}

export function runSource<Type extends RunType>(type: Type, repository: Repository, run: WorkflowRun): RunSource<Type> {
  return { __typename: type, repository, run }
}
