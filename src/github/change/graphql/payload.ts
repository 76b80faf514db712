import type { CommitRun, CommitStatus, EndedPullRequest, Mergeability } from '../../../model/change.js'
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
  UnexpectedShape,
} from '../../api/fields.js'
import { toStatusState, toWorkflowState } from '../../api/payload.js'
import type { DatedPullRequest } from '../dated-pull-request.js'

/** An element of a connection of pull requests. */
export function toPullRequest(payload: unknown): DatedPullRequest {
  const hasMergeQueue = optional(payload, 'isMergeQueueEnabled')
  return {
    pullRequest: {
      number: count(payload, 'number'),
      url: text(payload, 'url'),
      title: text(payload, 'title'),
      headRef: text(payload, 'headRefName'),
      headSha: text(payload, 'headRefOid'),
      baseRef: text(payload, 'baseRefName'),
      isDraft: flag(payload, 'isDraft'),
      ...(typeof hasMergeQueue === 'boolean' ? { hasMergeQueue } : {}),
      // The repository is null once a fork is deleted.
      isFork: flag(payload, 'isCrossRepository') || field(payload, 'headRepository') === null,
    },
    updatedAt: knownTime(payload, 'updatedAt'),
  }
}

/** The number and MergeableState of a pull request. */
export function toMergeability(payload: unknown): [number, Mergeability] {
  const state = text(payload, 'mergeable')
  const word = state === 'MERGEABLE' ? 'mergeable' : state === 'CONFLICTING' ? 'conflicting' : 'unknown'
  return [count(payload, 'number'), word]
}

/** A StatusContext. GraphQL returns no database id for it. */
export function toCommitStatus(payload: unknown): CommitStatus {
  const creator = field(payload, 'creator')
  return {
    id: null,
    state: toStatusState(text(payload, 'state').toLowerCase()),
    context: text(payload, 'context'),
    description: textOrEmpty(payload, 'description'),
    targetUrl: textOrEmpty(payload, 'targetUrl'),
    creator: creator === null ? '' : toLogin(creator),
    createdAt: knownTime(payload, 'createdAt'),
  }
}

/** An Actor. The REST API and the web pages call a bot `name[bot]`; in GraphQL the suffix is missing, so the name could be a person's. */
function toLogin(payload: unknown): string {
  const login = text(payload, 'login')
  return optional(payload, '__typename') === 'Bot' && !login.endsWith('[bot]') ? `${login}[bot]` : login
}

/** The runs among the check suites of a commit; suites of other apps have none. */
export function toCommitRuns(payload: unknown, headSha: string): CommitRun[] {
  return nodesOf(payload).flatMap((suite) => toCommitRun(suite, headSha) ?? [])
}

function toCommitRun(suite: unknown, headSha: string): CommitRun | null {
  const run = field(suite, 'workflowRun')
  if (run === null) return null
  const url = text(run, 'url')
  // Run ids exceed GraphQL's 32-bit Int: only the URL has the whole id.
  const runId = Number(/\/actions\/runs\/(\d+)$/u.exec(url)?.[1] ?? Number.NaN)
  const dispatched = field(run, 'workflow')
  const workflow = text(dispatched, 'resourcePath').split('/').at(-1) ?? ''
  if (!Number.isSafeInteger(runId) || workflow === '') throw new UnexpectedShape('a run has an unknown address')
  return {
    runId,
    url,
    workflow,
    workflowState: toWorkflowState(text(dispatched, 'state')),
    headSha,
    status: text(suite, 'status').toLowerCase(),
    conclusion: textOrNull(suite, 'conclusion')?.toLowerCase() ?? null,
    createdAt: knownTime(run, 'createdAt'),
    updatedAt: knownTime(run, 'updatedAt'),
  }
}

/** An element of the pull requests that are no longer open; null: it comes from a fork (law 4). */
export function toEndedPullRequest(payload: unknown): EndedPullRequest | null {
  if (flag(payload, 'isCrossRepository') || field(payload, 'headRepository') === null) return null
  return {
    number: count(payload, 'number'),
    url: text(payload, 'url'),
    isMerged: text(payload, 'state') === 'MERGED',
    headSha: text(payload, 'headRefOid'),
    baseRef: text(payload, 'baseRefName'),
  }
}

/** A page of a connection. */
export interface Page {
  nodes: readonly unknown[]
  /** The cursor of the next page; null: this is the last page. */
  next: string | null
}

export function toPage(payload: unknown): Page {
  const info = field(payload, 'pageInfo')
  return { nodes: nodesOf(payload), next: flag(info, 'hasNextPage') ? text(info, 'endCursor') : null }
}

/** A null in the list is an item that the token may not see or that GitHub could not read. It never means absence. */
export function nodesOf(payload: unknown): unknown[] {
  const nodes = list(field(payload, 'nodes'))
  if (nodes.includes(null)) throw new UnexpectedShape('an element of a list is missing')
  return nodes
}

/** GitHub compares contexts without case. */
export function isOfContext(context: string): (status: CommitStatus) => boolean {
  const wanted = context.toLowerCase()
  return (status) => status.context.toLowerCase() === wanted
}
