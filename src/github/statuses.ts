import type { CommitStatus } from '../model/change.js'
import type { RepoName } from '../model/repo-name.js'
import type { PostResult, Read, StatusPost, WriteOptions } from '../ports/github.js'
import { createGate } from './gate.js'
import { toCommitStatus } from './payload.js'
import { repoPath } from './path.js'
import { needs } from './permissions.js'
import { interpret, listOf, type Ask, type Requests } from './requests.js'

/** Newest status of a context on a commit; null: none. */
export async function readNewestStatus(
  requests: Requests,
  repo: RepoName,
  headSha: string,
  context: string,
): Promise<Read<CommitStatus | null>> {
  const isOfContext = compareContext(context)
  const read = await readPages(requests, repo, headSha, (page) => page.some(isOfContext))
  return read.ok ? { ok: true, value: read.value.find(isOfContext) ?? null } : read
}

/**
 * Newest status of the context on a commit, and where they are asked for of each context `<context>/<job>`. Which of these there are is
 * not known before the end of the list, so that it is read to the end then.
 */
export async function readNewestStatuses(
  requests: Requests,
  repo: RepoName,
  headSha: string,
  { statusContext, jobStatuses = false }: { statusContext: string; jobStatuses?: boolean },
): Promise<Read<{ status: CommitStatus | null; jobStatuses?: CommitStatus[] }>> {
  const isOfContext = compareContext(statusContext)
  const read = await readPages(requests, repo, headSha, (page) => !jobStatuses && page.some(isOfContext))
  if (!read.ok) return read
  const status = read.value.find(isOfContext) ?? null
  return {
    ok: true,
    value: jobStatuses ? { status, jobStatuses: newestOfJobs(read.value, statusContext) } : { status },
  }
}

/** Of a list with the newest first. */
function newestOfJobs(statuses: readonly CommitStatus[], statusContext: string): CommitStatus[] {
  const prefix = `${statusContext}/`.toLowerCase()
  const newest = new Map<string, CommitStatus>()
  for (const status of statuses) {
    const context = status.context.toLowerCase()
    if (context.startsWith(prefix) && !newest.has(context)) newest.set(context, status)
  }
  return [...newest.values()]
}

/** Statuses of one context on a commit, newest first: all, or the newest, or at least down to the one with id `downTo`. */
export async function listStatuses(
  requests: Requests,
  query: { repo: RepoName; headSha: string; context: string; downTo?: number; newestOnly?: boolean },
): Promise<Read<CommitStatus[]>> {
  const { repo, headSha, context, downTo } = query
  if (query.newestOnly) {
    const newest = await readNewestStatus(requests, repo, headSha, context)
    return newest.ok ? { ok: true, value: newest.value === null ? [] : [newest.value] } : newest
  }
  const isOld = (status: CommitStatus): boolean => downTo !== undefined && status.id <= downTo
  const read = await readPages(requests, repo, headSha, (page) => page.some(isOld))
  if (!read.ok) return read
  const wanted = read.value.filter(compareContext(context))
  return { ok: true, value: [...new Map(wanted.map((status) => [status.id, status])).values()] }
}

/**
 * Posts a commit status (POST /repos/{owner}/{repo}/statuses/{sha}). Repeated after a passing failure: twice the same
 * status is no harm. Rejects with what `beforeSend` rejected with.
 */
export async function postStatus(
  requests: Requests,
  post: StatusPost,
  { urgent, last = false }: WriteOptions,
  beforeSend: () => Promise<boolean>,
): Promise<PostResult> {
  const { repo, headSha, state, context, description, targetUrl } = post
  const ask: Ask = {
    repo,
    need: needs.postStatus,
    thing: `commit ${headSha} of ${repo}`,
    path: repoPath(repo, 'statuses', headSha),
    parameters: { state, context, description, ...(targetUrl === '' ? {} : { target_url: targetUrl }) },
  }
  const gate = createGate(beforeSend)
  const answer = await requests.post(ask, {
    turn: urgent ? 'urgent' : last ? 'job-status' : 'status',
    repeat: 'failures',
    gate,
  })
  const leave = gate.state()
  if (leave.kind === 'broken') throw leave.error
  if (!answer.ok && answer.isWithheld) return { kind: 'withheld' }
  const status = interpret(ask, answer, toCommitStatus)
  return status.ok ? { kind: 'posted', status: status.value } : { kind: 'failed', failure: status.failure }
}

/** GET /repos/{owner}/{repo}/commits/{ref}/statuses: newest first, of every context. The combined status lacks the creator. */
function readPages(
  requests: Requests,
  repo: RepoName,
  headSha: string,
  isLast: (page: readonly CommitStatus[]) => boolean,
): Promise<Read<CommitStatus[]>> {
  const path = repoPath(repo, 'commits', headSha, 'statuses')
  const ask: Ask = { repo, need: needs.readStatuses, thing: `commit ${headSha} of ${repo}`, path }
  return requests.getPages(ask, listOf(toCommitStatus), isLast)
}

/** GitHub compares contexts without case. */
function compareContext(context: string): (status: CommitStatus) => boolean {
  const wanted = context.toLowerCase()
  return (status) => status.context.toLowerCase() === wanted
}
