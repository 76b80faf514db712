import type {
  CommitRun,
  EndedPullRequest,
  ListedStatus,
  PullRequest,
  PullRequestState,
  StatusState,
  WorkflowState,
} from '../../model/change.js'
import { statusStates } from '../../model/change.js'
import type { DatedPullRequest } from '../change/dated-pull-request.js'
import type { WorkflowRun } from '../../model/workflow-run.js'
import {
  count,
  field,
  flag,
  knownTime,
  list,
  optional,
  text,
  textOrEmpty,
  textOrNull,
  time,
  UnexpectedShape,
} from './fields.js'

/** GET /repos/{owner}/{repo} */
export interface Repository {
  fullName: string
  isArchived: boolean
  defaultBranch: string
}

export function toRepository(payload: unknown): Repository {
  return {
    fullName: text(payload, 'full_name'),
    isArchived: flag(payload, 'archived'),
    defaultBranch: text(payload, 'default_branch'),
  }
}

/** Full name (`refs/heads/…`) and SHA of a ref (GET /repos/{owner}/{repo}/git/ref/{ref}). */
export function toRef(payload: unknown): { ref: string; sha: string } {
  return { ref: text(payload, 'ref'), sha: text(field(payload, 'object'), 'sha') }
}

/** An element of GET /repos/{owner}/{repo}/activity: a push, or a branch that came or went. */
export interface Activity {
  /** The full name of the ref. */
  ref: string
  /** SHA, all zeros where the branch did not exist. */
  before: string
  after: string
}

export function toActivity(payload: unknown): Activity {
  return { ref: text(payload, 'ref'), before: text(payload, 'before'), after: text(payload, 'after') }
}

/** An element of GET /repos/{owner}/{repo}/pulls. */
function toPullRequest(payload: unknown): PullRequest {
  const head = field(payload, 'head')
  const base = field(payload, 'base')
  // Unlike the documented type, the repository is null once a fork is deleted.
  const headRepository = field(head, 'repo')
  return {
    number: count(payload, 'number'),
    url: text(payload, 'html_url'),
    title: text(payload, 'title'),
    headRef: text(head, 'ref'),
    headSha: text(head, 'sha'),
    baseRef: text(base, 'ref'),
    isDraft: optional(payload, 'draft') === true,
    isFork: headRepository === null || count(headRepository, 'id') !== count(field(base, 'repo'), 'id'),
  }
}

export function toDatedPullRequest(payload: unknown): DatedPullRequest {
  return { pullRequest: toPullRequest(payload), updatedAt: time(payload, 'updated_at') }
}

/** GET /repos/{owner}/{repo}/pulls/{pull_number} */
export function toPullRequestState(payload: unknown): PullRequestState {
  const isOpen = text(payload, 'state') === 'open'
  return {
    number: count(payload, 'number'),
    state: isOpen ? 'open' : flag(payload, 'merged') ? 'merged' : 'closed',
    headSha: text(field(payload, 'head'), 'sha'),
    baseRef: text(field(payload, 'base'), 'ref'),
  }
}

/** POST /repos/{owner}/{repo}/statuses/{sha}, and an element of GET /repos/{owner}/{repo}/commits/{ref}/statuses. */
export function toCommitStatus(payload: unknown): ListedStatus {
  return {
    id: count(payload, 'id'),
    state: toStatusState(text(payload, 'state')),
    context: text(payload, 'context'),
    description: textOrEmpty(payload, 'description'),
    targetUrl: textOrEmpty(payload, 'target_url'),
    creator: loginOrNull(payload, 'creator') ?? '',
    createdAt: knownTime(payload, 'created_at'),
  }
}

export function toStatusState(word: string): StatusState {
  const state = statusStates.find((known) => known === word)
  if (state === undefined) throw new UnexpectedShape(`a status has the unknown state ${JSON.stringify(word)}`)
  return state
}

/** GitHub's states `disabled_fork`, `disabled_inactivity` and `disabled_manually`, in capitals in GraphQL. */
export function toWorkflowState(word: string): WorkflowState {
  return word.toLowerCase().startsWith('disabled') ? 'disabled' : 'active'
}

/** A closed element of GET /repos/{owner}/{repo}/pulls; null: it comes from a fork (law 4). */
export function toEndedPullRequest(payload: unknown): EndedPullRequest | null {
  const { number, url, headSha, baseRef, isFork } = toPullRequest(payload)
  return isFork ? null : { number, url, isMerged: textOrNull(payload, 'merged_at') !== null, headSha, baseRef }
}

/** GET /repos/{owner}/{repo}/actions/runs/{run_id} */
export function toWorkflowRun(payload: unknown): WorkflowRun {
  return {
    id: count(payload, 'id'),
    headSha: text(payload, 'head_sha'),
    status: textOrEmpty(payload, 'status'),
    conclusion: textOrNull(payload, 'conclusion'),
    runAttempt: optional(payload, 'run_attempt') === undefined ? 1 : count(payload, 'run_attempt'),
    url: text(payload, 'html_url'),
  }
}

/** The GraphQL id of an object of the REST API; null: the answer has none. */
export function toNodeId(payload: unknown): string | null {
  return textOrNull(payload, 'node_id')
}

/** The same run with its commit. `path` may end with the ref that the file was read at: `.github/workflows/build.yml@main`. */
export function toCommitRun(payload: unknown): CommitRun {
  return {
    runId: count(payload, 'id'),
    url: text(payload, 'html_url'),
    workflow: /^\.github\/workflows\/([^/@]+)(?:@|$)/u.exec(text(payload, 'path'))?.[1] ?? '',
    headSha: text(payload, 'head_sha'),
    status: textOrEmpty(payload, 'status'),
    conclusion: textOrNull(payload, 'conclusion'),
    createdAt: knownTime(payload, 'created_at'),
    updatedAt: knownTime(payload, 'updated_at'),
  }
}

/** An element of `workflow_runs` of GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs. */
export interface ListedRun {
  runId: number
  url: string
  event: string
  headBranch: string | null
  headSha: string
  /** The workflow's `run-name` if it has one. */
  title: string
  /** GitHub's conclusion of a completed run; null: the run is not completed. */
  conclusion: string | null
  /** ms since the epoch, UTC, truncated to whole seconds by GitHub. */
  createdAt: number
  updatedAt: number
  /** Logins; null: the answer has none. */
  actor: string | null
  triggeringActor: string | null
}

export function toListedRun(payload: unknown): ListedRun {
  return {
    runId: count(payload, 'id'),
    url: text(payload, 'html_url'),
    event: text(payload, 'event'),
    headBranch: textOrNull(payload, 'head_branch'),
    headSha: text(payload, 'head_sha'),
    title: textOrEmpty(payload, 'display_title'),
    conclusion: textOrEmpty(payload, 'status') === 'completed' ? textOrNull(payload, 'conclusion') : null,
    createdAt: knownTime(payload, 'created_at'),
    updatedAt: knownTime(payload, 'updated_at'),
    actor: loginOrNull(payload, 'actor'),
    triggeringActor: loginOrNull(payload, 'triggering_actor'),
  }
}

/** GET /user */
export function toLogin(payload: unknown): string {
  return text(payload, 'login')
}

/** The 200 of POST …/dispatches with `return_run_details`. */
export function toRunDetails(payload: unknown): { runId: number; url: string } {
  return { runId: count(payload, 'workflow_run_id'), url: text(payload, 'html_url') }
}

/** An element of `jobs` of GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs. */
export interface WorkflowJob {
  id: number
  name: string
  conclusion: string | null
  /** ms since the epoch, UTC; Infinity: the workflow job is not completed. */
  completedAt: number
  url: string
  steps: readonly WorkflowStep[]
}

export interface WorkflowStep {
  name: string
  conclusion: string | null
  /** ms since the epoch, UTC, truncated to whole seconds by GitHub; null: not started, or not completed. */
  startedAt: number | null
  completedAt: number | null
}

export function toWorkflowJob(payload: unknown): WorkflowJob {
  return {
    id: count(payload, 'id'),
    name: text(payload, 'name'),
    conclusion: textOrNull(payload, 'conclusion'),
    completedAt: time(payload, 'completed_at') ?? Infinity,
    url: textOrEmpty(payload, 'html_url'),
    steps: list(optional(payload, 'steps') ?? []).map(toWorkflowStep),
  }
}

function toWorkflowStep(payload: unknown): WorkflowStep {
  return {
    name: text(payload, 'name'),
    conclusion: textOrNull(payload, 'conclusion'),
    startedAt: time(payload, 'started_at'),
    completedAt: time(payload, 'completed_at'),
  }
}

function loginOrNull(payload: unknown, key: string): string | null {
  const account = optional(payload, key) ?? null
  return account === null ? null : toLogin(account)
}
