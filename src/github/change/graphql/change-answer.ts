import type {
  CommitStatus,
  EarlierStatus,
  EndedPullRequest,
  Mergeability,
  RepositoryRead,
  WorkflowFile,
} from '../../../model/change.js'
import { repoKey } from '../../../model/repo-name.js'
import type { ChangeQuery } from '../../../ports/host/changes.js'
import { count, field, flag, optional, text, UnexpectedShape } from '../../api/fields.js'
import { isCaseVariantOf } from '../case-variants.js'
import {
  isOfContext,
  nodesOf,
  toCommitRuns,
  toCommitStatus,
  toEndedPullRequest,
  toMergeability,
  toPage,
  toPullRequest,
} from './payload.js'
import type { DatedPullRequest } from '../dated-pull-request.js'

/** The part of an answer about one readable repository. */
export interface ChangeAnswer {
  isArchived: boolean
  defaultBranch: string
  defaultBranchSha: string
  headSha: string | null
  pulls: readonly DatedPullRequest[]
  /** By the number of the pull request; empty: not asked for, or not in the answer. */
  mergeabilities: ReadonlyMap<number, Mergeability>
  /** The cursor of the next page of pull requests; null: the list is complete. */
  nextPulls: string | null
  status: CommitStatus | null
  /** null: only the REST API returns the text. */
  workflows: readonly (WorkflowFile | null)[]
  /** Absent: not requested. */
  membership?: MembershipAnswer
  extras: Pick<RepositoryRead, 'jobStatuses' | 'runs' | 'earlierStatuses'>
}

/** What decides whether the branch is a member; null: the list is incomplete, and only the REST API returns all of it. */
export interface MembershipAnswer {
  ended: readonly EndedPullRequest[] | null
  caseVariants: readonly string[] | null
}

/** Optional parts of an answer. */
export interface Lacks {
  runs: boolean
  earlier: boolean
  mergeability: boolean
}

type Asked = ChangeQuery['repositories'][number]

/**
 * Reads one repository of an answer whose only errors are in the parts that it `lacks`. null: it is readable but has no default branch, which
 * only the REST API explains (law 3). Throws UnexpectedShape on anything else.
 */
export function toChangeAnswer(
  payload: unknown,
  query: ChangeQuery,
  { repo, workflows, buildsDefaultBranch }: Asked,
  lacks: Lacks,
): ChangeAnswer | null {
  if (repoKey(text(payload, 'nameWithOwner')) !== repoKey(repo)) return null
  const defaultRef = field(payload, 'defaultBranchRef')
  if (defaultRef === null) return null
  const base = commitOf(defaultRef)
  const head = headOf(payload, query.branch)
  const isPlanning = query.jobStatuses === true
  const page = toPage(field(payload, 'pullRequests'))
  const statuses = head === null ? [] : statusesOf(head)
  const own = query.mergeability && !lacks.mergeability ? nodesOf(field(payload, 'own')) : []
  const headSha = head === null ? null : text(head, 'oid')
  return {
    isArchived: flag(payload, 'isArchived'),
    defaultBranch: text(defaultRef, 'name'),
    defaultBranchSha: text(base, 'oid'),
    headSha,
    pulls: page.nodes.map(toPullRequest),
    mergeabilities: new Map(own.map(toMergeability)),
    nextPulls: page.next,
    status: statuses.find(isOfContext(query.statusContext)) ?? null,
    workflows:
      head === null && buildsDefaultBranch !== true
        ? []
        : workflows.map((workflow, index) => toFile(workflow, `f${index}`, head, base)),
    ...(query.membership === true ? { membership: membershipOf(payload, query.branch) } : {}),
    extras: {
      ...(isPlanning ? { jobStatuses: statuses.filter(isOfJob(query.statusContext)) } : {}),
      ...(isPlanning && !lacks.runs ? runsOf(head) : {}),
      ...(isPlanning && !lacks.earlier && head !== null ? earlierOf(field(payload, 'earlier'), headSha) : {}),
    },
  }
}

function membershipOf(payload: unknown, branch: string): MembershipAnswer {
  const [ended, alike] = [field(payload, 'ended'), field(payload, 'alike')]
  return {
    ended: allOf(ended)?.flatMap((pull) => toEndedPullRequest(pull) ?? []) ?? null,
    caseVariants:
      allOf(alike)
        ?.map((ref) => text(ref, 'name'))
        .filter(isCaseVariantOf(branch)) ?? null,
  }
}

/** The elements of a connection; null: there are more of them. */
function allOf(connection: unknown): unknown[] | null {
  const nodes = nodesOf(connection)
  return count(connection, 'totalCount') > nodes.length ? null : nodes
}

/** `ref(qualifiedName:)` also answers to short names: only the very branch counts. */
function headOf(payload: unknown, branch: string): unknown {
  const ref = field(payload, 'ref')
  if (ref === null || text(ref, 'prefix') + text(ref, 'name') !== `refs/heads/${branch}`) return null
  return commitOf(ref)
}

function commitOf(ref: unknown): unknown {
  const target = field(ref, 'target')
  if (target === null || text(target, '__typename') !== 'Commit') throw new UnexpectedShape('a branch names no commit')
  return target
}

/** GraphQL returns the newest status of each context. */
function statusesOf(commit: unknown): CommitStatus[] {
  const status = field(commit, 'status')
  if (status === null) return []
  const contexts = optional(status, 'contexts')
  if (Array.isArray(contexts)) return contexts.map(toCommitStatus)
  const one = field(status, 'context')
  return one === null ? [] : [toCommitStatus(one)]
}

/** The contexts of the jobs: `<context>/<job>`. */
function isOfJob(context: string): (status: CommitStatus) => boolean {
  const prefix = `${context.toLowerCase()}/`
  return (status) => status.context.toLowerCase().startsWith(prefix)
}

function runsOf(head: unknown): Pick<RepositoryRead, 'runs'> {
  const suites = head === null ? null : optional(head, 'suites')
  // The part was not requested, or the token may not see it.
  return suites === undefined || suites === null ? {} : { runs: toCommitRuns(suites, text(head, 'oid')) }
}

/** null: only the REST API returns it. */
function toFile(workflow: string, alias: string, head: unknown, base: unknown): WorkflowFile | null {
  const atHead = head === null ? null : toText(field(head, alias))
  const atDefaultBranch = toText(field(base, alias))
  return atHead === undefined || atDefaultBranch === undefined ? null : { workflow, atHead, atDefaultBranch }
}

/** The text of a TreeEntry; null: the entry does not exist; undefined: its text is not available (binary, truncated, a folder). */
function toText(entry: unknown): string | null | undefined {
  if (entry === null) return null
  const object = field(entry, 'object')
  if (object === null || text(object, '__typename') !== 'Blob') return undefined
  const content = field(object, 'text')
  return typeof content === 'string' && optional(object, 'isBinary') === false && !flag(object, 'isTruncated')
    ? content
    : undefined
}

/**
 * Our statuses on earlier heads, if the pull requests of the branch list them all: none was ever force-pushed, and all their
 * commits are in the answer. A head gets a status only while a pull request is open.
 */
function earlierOf(payload: unknown, headSha: string | null): Pick<RepositoryRead, 'earlierStatuses'> {
  const pulls = nodesOf(payload)
  if (count(payload, 'totalCount') > pulls.length) return {}
  const found = new Map<string, EarlierStatus>()
  for (const pull of pulls) {
    if (flag(pull, 'isCrossRepository')) continue
    const commits = field(pull, 'commits')
    const nodes = nodesOf(commits)
    const isForced = nodesOf(field(pull, 'timelineItems')).length > 0
    if (isForced || count(commits, 'totalCount') > nodes.length) return {}
    for (const node of nodes) {
      const commit = field(node, 'commit')
      const oid = text(commit, 'oid')
      const [status] = statusesOf(commit)
      if (status && oid !== headSha) found.set(oid, { headSha: oid, status })
    }
  }
  return { earlierStatuses: [...found.values()] }
}
