/** The state of the embedded GitHub as plain values, independent of presentation and storage. Times are in ms, UTC. */

import type { StepConclusion, WorkflowJobState } from '../executor.js'
import type { AppScope } from './app-model.js'
import type { Artifact } from './artifact.js'
import type { CheckRun } from './check-run.js'
import type { IssueComment } from './comment.js'
import type { QueueEntry } from './merge-queue.js'

/** A user, an organization, or the bot of a GitHub App (`slug[bot]`). */
export interface Account {
  id: number
  login: string
  type: 'User' | 'Organization' | 'Bot'
  createdAt: number
  /** The role in every repository that gives the account no other role; absent: none. */
  baseRole?: Role
}

/** The role of a user in a repository. Everybody may read a public repository. */
export type Role = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none'

/** Fine-grained permissions, in GitHub's names. */
export type PermissionName =
  | 'metadata'
  | 'contents'
  | 'actions'
  | 'checks'
  | 'pull_requests'
  | 'statuses'
  | 'administration'
  | 'workflows'
  | 'deployments'
  | 'environments'
  | 'issues'
  | 'repository_hooks'
  | 'organization_hooks'

export type PermissionLevel = 'read' | 'write'

/** The permissions of a token in one repository. `none` hides a private repository. */
export type RepositoryGrant = Partial<Record<PermissionName, PermissionLevel>> | 'none'

/** An access token. Without `grants` it has the permissions of its owner. */
export interface AccessToken {
  value: string
  accountId: number
  /** Grants by `owner/name` in lower case. `*` covers every other repository. */
  grants: Record<string, RepositoryGrant> | null
  /** Absent: it does not expire. */
  expiresAt?: number
  /** Present on a token that a GitHub App obtained; `grants` do not apply then. */
  scope?: AppScope
}

export type StatusState = 'error' | 'failure' | 'pending' | 'success'

export interface CommitStatus {
  id: number
  sha: string
  state: StatusState
  context: string
  description: string | null
  targetUrl: string | null
  creatorId: number
  createdAt: number
}

export interface PullRequest {
  id: number
  number: number
  title: string
  body: string | null
  state: 'open' | 'closed'
  draft: boolean
  authorId: number
  /** Null if the fork was deleted. */
  headRepositoryId: number | null
  headOwner: string
  headRef: string
  headSha: string
  baseRef: string
  baseSha: string
  createdAt: number
  updatedAt: number
  closedAt: number | null
  mergedAt: number | null
  mergedById: number | null
  mergeCommitSha: string | null
}

export interface RequiredStatusCheck {
  context: string
  integration_id?: number
}

/** A rule in the form of the REST API. Only `required_status_checks` is enforced. */
export interface RulesetRule {
  type: string
  parameters?: Record<string, unknown>
}

export interface Ruleset {
  id: number
  name: string
  target: 'branch' | 'tag'
  enforcement: 'active' | 'evaluate' | 'disabled'
  bypassActors: unknown[]
  include: string[]
  exclude: string[]
  rules: RulesetRule[]
  createdAt: number
  updatedAt: number
}

/** A workflow file that was read on the default branch. */
export interface Workflow {
  id: number
  path: string
  state: 'active' | 'disabled_manually'
  createdAt: number
  updatedAt: number
  /** The number of the next run. */
  nextRunNumber: number
}

/** The type of a change of a branch, in the words of GET /repos/{owner}/{repo}/activity. */
export type ActivityType =
  | 'push'
  | 'force_push'
  | 'branch_creation'
  | 'branch_deletion'
  | 'pr_merge'
  | 'merge_queue_merge'

/** One change of a branch. */
export interface Activity {
  id: number
  type: ActivityType
  /** The full ref. */
  ref: string
  /** Null if the branch did not exist. */
  before: string | null
  /** Null if the branch was deleted. */
  after: string | null
  actorId: number
  createdAt: number
}

/** An environment that jobs deploy to. Its protection rules can make a job wait. */
export interface Environment {
  id: number
  name: string
  /** Users, one of whom must approve; empty: nobody. */
  reviewerIds: number[]
  /** The minutes that a job waits before it may start. */
  waitTimer: number
  /** Whether the user who started a run may not approve it. */
  preventSelfReview: boolean
  createdAt: number
  updatedAt: number
}

export interface Repository {
  id: number
  ownerId: number
  name: string
  description: string | null
  /** The list is replaced and never changed. */
  topics: readonly string[]
  private: boolean
  archived: boolean
  /** The repository that this one was forked from. */
  parentId: number | null
  defaultBranch: string
  /** Whether pull requests may be set to merge by themselves; absent: no. */
  allowsAutoMerge?: boolean
  createdAt: number
  updatedAt: number
  pushedAt: number
  /** The number of the next pull request. */
  nextNumber: number
  /** The roles of users by account ID. */
  collaborators: Map<number, Role>
  pulls: Map<number, PullRequest>
  /** Comments of pull requests, oldest first. */
  comments: Map<number, IssueComment>
  /** Statuses by SHA, oldest first. */
  statuses: Map<string, CommitStatus[]>
  /** Check runs of Apps by SHA, oldest first. */
  checkRuns: Map<string, CheckRun[]>
  rulesets: Map<number, Ruleset>
  /** The entries of its merge queues, in order. The list is replaced and never changed. */
  mergeQueue: QueueEntry[]
  /** Workflows by path. */
  workflows: Map<string, Workflow>
  /** Environments by name in lower case. */
  environments: Map<string, Environment>
  /** The IDs of the workflow runs, oldest first. */
  runIds: number[]
  /** Every change of a branch, oldest first. */
  activities: Activity[]
}

export type RunStatus = 'queued' | 'in_progress' | 'waiting' | 'completed'

/** An environment whose protection rules a run waits for. */
export interface PendingDeployment {
  environmentId: number
  since: number
}

export interface WorkflowJob {
  id: number
  state: Omit<WorkflowJobState, 'log'>
  createdAt: number
}

/** One attempt of a workflow run. */
export interface RunAttempt {
  number: number
  status: RunStatus
  conclusion: StepConclusion | (string & {}) | null
  startedAt: number
  updatedAt: number
  jobs: WorkflowJob[]
  cancelRequested: boolean
  /** Absent: none ever waited. */
  pendingDeployments?: PendingDeployment[]
  /** Jobs that succeeded in the previous attempt do not run again. */
  failedOnly?: boolean
  triggeringActorId: number
}

export interface WorkflowRun {
  id: number
  repositoryId: number
  workflowId: number
  workflowPath: string
  workflowName: string
  runNumber: number
  displayTitle: string
  event: 'workflow_dispatch' | 'repository_dispatch'
  /** The full ref. */
  ref: string
  headSha: string
  actorId: number
  inputs: Record<string, string>
  /** The type and payload of a repository_dispatch. */
  dispatch: { eventType: string; clientPayload: Record<string, unknown> } | null
  createdAt: number
  attempts: RunAttempt[]
  /** The reviews of its deployments, oldest first; absent: none. */
  reviews?: DeploymentReview[]
  /** The artifacts of all attempts, oldest first; absent: none. The list is replaced and never changed. */
  artifacts?: readonly Artifact[]
}

/** A reviewer's decision about deployments of a run. */
export interface DeploymentReview {
  environmentIds: readonly number[]
  state: 'approved' | 'rejected'
  userId: number
  comment: string
}

/** A ref that was moved, created (`before` null) or deleted (`after` null). */
export interface RefChange {
  ref: string
  before: string | null
  after: string | null
  /** Present if a merge moved the ref. */
  merge?: 'pr_merge' | 'merge_queue_merge'
}
