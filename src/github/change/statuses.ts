import type { ListedStatus } from '../../model/change.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { PostOptions, PostResult, StatusPost } from '../../ports/host/statuses.js'
import { createSendGate } from '../limits/before-send.js'
import { toCommitStatus } from '../api/payload.js'
import { repoPath } from '../http/path.js'
import { needs } from '../api/permissions.js'
import type { Ask } from '../api/ask.js'
import { interpret, listOf, type Requests } from '../api/requests.js'

/** Newest status of a context on a commit; null: none. */
export async function readNewestStatus(
  requests: Requests,
  repo: RepoName,
  headSha: string,
  context: string,
): Promise<Read<ListedStatus | null>> {
  const isOfContext = compareContext(context)
  const read = await readPages(requests, repo, headSha, (page) => page.some(isOfContext))
  return read.ok ? { ok: true, value: read.value.find(isOfContext) ?? null } : read
}

/** Newest status of the context on a commit, and of each context `<context>/<job>` if requested. */
export async function readHeadStatuses(
  requests: Requests,
  repo: RepoName,
  headSha: string,
  { statusContext, jobStatuses }: { statusContext: string; jobStatuses?: boolean },
): Promise<Read<{ status: ListedStatus | null; jobStatuses?: ListedStatus[] }>> {
  if (!jobStatuses) {
    const newest = await readNewestStatus(requests, repo, headSha, statusContext)
    return newest.ok ? { ok: true, value: { status: newest.value } } : newest
  }
  const read = await readPages(requests, repo, headSha, () => false)
  if (!read.ok) return read
  const prefix = `${statusContext.toLowerCase()}/`
  const newest = new Map<string, ListedStatus>()
  for (const status of read.value) {
    const key = status.context.toLowerCase()
    if (!newest.has(key)) newest.set(key, status)
  }
  const ofJobs = [...newest].flatMap(([context, status]) => (context.startsWith(prefix) ? [status] : []))
  return { ok: true, value: { status: newest.get(statusContext.toLowerCase()) ?? null, jobStatuses: ofJobs } }
}

/** Statuses of one context on a commit, newest first: all, or the newest, or at least all created at `downTo` (ms, UTC) or later. */
export async function listStatuses(
  requests: Requests,
  query: { repo: RepoName; headSha: string; context: string; downTo?: number; newestOnly?: boolean },
): Promise<Read<ListedStatus[]>> {
  const { repo, headSha, context, downTo } = query
  if (query.newestOnly) {
    const newest = await readNewestStatus(requests, repo, headSha, context)
    return newest.ok ? { ok: true, value: newest.value === null ? [] : [newest.value] } : newest
  }
  // GitHub returns whole seconds: other statuses of that second may follow.
  const isOld = ({ createdAt }: ListedStatus): boolean => downTo !== undefined && createdAt < secondOf(downTo)
  const read = await readPages(requests, repo, headSha, (page) => page.some(isOld))
  if (!read.ok) return read
  const wanted = read.value.filter(compareContext(context))
  return { ok: true, value: [...new Map(wanted.map((status) => [status.id, status])).values()] }
}

/**
 * Posts a commit status (POST /repos/{owner}/{repo}/statuses/{sha}). Repeated after a transient failure, up to
 * `maxTries` sendings: posting the same status twice does no damage. Rejects with the error of `beforeSend` if that rejects.
 */
export async function postStatus(
  requests: Requests,
  post: StatusPost,
  { urgent, last = false, maxTries }: PostOptions,
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
  const gate = createSendGate(beforeSend)
  const answer = await requests.post(ask, {
    lane: urgent ? 'urgent' : last ? 'job-status' : 'status',
    repeat: 'failures',
    ...(maxTries === undefined ? {} : { maxTries }),
    gate,
  })
  const leave = gate.state()
  if (leave.kind === 'broken') throw leave.error
  if (!answer.ok && answer.isWithheld) return { kind: 'withheld' }
  const status = interpret(ask, answer, toCommitStatus)
  if (status.ok) return { kind: 'posted', status: status.value }
  const retryAfterMs = answer.ok ? null : answer.retryAfterMs
  return { kind: 'failed', failure: status.failure, ...(retryAfterMs === null ? {} : { retryAfterMs }) }
}

/** GET /repos/{owner}/{repo}/commits/{ref}/statuses: newest first, of every context. The combined status lacks the creator. */
function readPages(
  requests: Requests,
  repo: RepoName,
  headSha: string,
  isLast: (page: readonly ListedStatus[]) => boolean,
): Promise<Read<ListedStatus[]>> {
  const path = repoPath(repo, 'commits', headSha, 'statuses')
  const ask: Ask = { repo, need: needs.readStatuses, thing: `commit ${headSha} of ${repo}`, path }
  return requests.getPages(ask, listOf(toCommitStatus), isLast)
}

function secondOf(time: number): number {
  return Math.floor(time / 1000) * 1000
}

/** GitHub compares contexts without case. */
function compareContext(context: string): (status: ListedStatus) => boolean {
  const wanted = context.toLowerCase()
  return (status) => status.context.toLowerCase() === wanted
}
