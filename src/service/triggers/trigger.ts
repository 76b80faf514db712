import type { StatusState } from '../../model/change.js'
import type { RepoName } from '../../model/repo-name.js'
import type { WorkflowRun } from '../../model/workflow-run.js'

/** A repository of the graph, in its spelling, and the branch of a change in it. */
interface OfChange {
  repo: RepoName
  branch: string
}

interface OfPullRequest extends OfChange {
  number: number
}

/** A push to the branch of a change. The branch may have been created or deleted by it. */
export interface BranchPushed extends OfChange {
  kind: 'branch-pushed'
  /** The head before; null: the branch was created. */
  before: string | null
  /** The head after; null: the branch was deleted. */
  after: string | null
}

/** A pull request of a change was opened or reopened. */
export interface PullRequestOpened extends OfPullRequest {
  kind: 'pull-request-opened'
}

/** A pull request of a change was closed, or merged. */
export interface PullRequestClosed extends OfPullRequest {
  kind: 'pull-request-closed'
  isMerged: boolean
  /** ms, UTC, by GitHub's clock; null: the payload does not say. */
  closedAt: number | null
}

/** A pull request of a change was pointed at another base. */
export interface BaseEdited extends OfPullRequest {
  kind: 'base-edited'
}

/** A pull request of a change was made a draft. */
export interface BecameDraft extends OfPullRequest {
  kind: 'became-draft'
}

/** A draft of a change was made ready for review. */
export interface BecameReady extends OfPullRequest {
  kind: 'became-ready'
}

/** Something happened to a change. */
export type ChangeTrigger =
  | BranchPushed
  | PullRequestOpened
  | PullRequestClosed
  | BaseEdited
  | BecameDraft
  | BecameReady

/** The default branch of a repository of the graph has a new head. */
export interface DefaultBranchPushed {
  kind: 'default-branch-pushed'
  repo: RepoName
}

/** A dispatched run of a workflow of the graph made progress. */
export interface RunChanged {
  kind: 'run-changed'
  repo: RepoName
  run: WorkflowRun
}

/** A merge queue waits for the status on a commit of its own. */
export interface MergeGroupRequested {
  kind: 'merge-group-requested'
  repo: RepoName
  headSha: string
  /** The pull request at the end of the group. */
  number: number
}

/** A merge queue no longer needs the status on that commit. */
export interface MergeGroupDestroyed {
  kind: 'merge-group-destroyed'
  repo: RepoName
  headSha: string
}

/** Somebody else posted a status of our context. */
export interface ForeignStatus {
  kind: 'foreign-status'
  repo: RepoName
  headSha: string
  state: StatusState
  /** Login, untrusted text. */
  by: string
}

/** A pull request of a repository of the graph that belongs to no change changed its head. */
export interface OtherPullRequest {
  kind: 'other-pull-request'
  repo: RepoName
  number: number
}

/** A person wrote a comment with a command on a pull request. */
export interface CommandComment {
  kind: 'command-comment'
  repo: RepoName
  number: number
  commentId: number
  /** Login, untrusted text. */
  author: string
  /** Untrusted text. */
  body: string
}

/** Somebody with write permission asked for something by the API (POST /repos/{owner}/{repo}/dispatches). */
export interface CommandDispatched {
  kind: 'command-dispatched'
  command: 'run' | 'invalidate'
  branch: string
  /** Login, untrusted text. */
  by: string
}

/** The App was installed, removed, suspended, or given other repositories or permissions. */
export interface InstallationChanged {
  kind: 'installation-changed'
  action: string
  /** Login of the account, untrusted text. */
  account: string
}

/** Nothing is done. */
export interface Ignored {
  kind: 'ignored'
  /** One clause for a reader. */
  reason: string
}

/** What a delivery asks for. Each is a hint: the state is read before anything is done. */
export type Trigger =
  | ChangeTrigger
  | DefaultBranchPushed
  | RunChanged
  | MergeGroupRequested
  | MergeGroupDestroyed
  | ForeignStatus
  | OtherPullRequest
  | CommandComment
  | CommandDispatched
  | InstallationChanged
  | Ignored
