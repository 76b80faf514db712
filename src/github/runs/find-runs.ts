import type { FoundRun } from '../../model/build/state/job-state.js'
import type { ListedRun as PortRun, RunEvent, RunListing, RunSearch } from '../../ports/host/builds.js'
import type { Read } from '../../ports/host/read.js'
import { field, list } from '../api/fields.js'
import { toListedRun, type ListedRun } from '../api/payload.js'
import { repoPath } from '../http/path.js'
import { needs } from '../api/permissions.js'
import type { Ask } from '../api/ask.js'
import type { Requests } from '../api/requests.js'
import type { ReadTokenLogin } from '../api/token-login.js'

/**
 * GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs, all pages, each run once. The conditions of the query are checked
 * again on every run: the result of a run that belongs to another orchestration must not count (law 1).
 */
export async function findRuns(
  requests: Requests,
  readTokenLogin: ReadTokenLogin,
  search: RunSearch,
): Promise<Read<FoundRun[]>> {
  const login = await readTokenLogin(search.repo)
  if (!login.ok) return login
  const runs = await requests.getPages(toAsk(search), (body) => list(field(body, 'workflow_runs')).map(toListedRun))
  if (!runs.ok) return runs
  const found = runs.value.filter((run) => isWanted(search, run) && isBy(login.value, run))
  return { ok: true, value: [...new Map(found.map(({ runId, url }) => [runId, { runId, url }])).values()] }
}

/** The same listing for one commit, without a limit on the time of creation or the user. */
export async function listRuns(
  requests: Requests,
  readTokenLogin: ReadTokenLogin,
  query: RunListing,
): Promise<Read<PortRun[]>> {
  const login = await readTokenLogin(query.repo)
  if (!login.ok) return login
  const search: RunSearch = { ...query, createdSince: null, marker: null }
  const runs = await requests.getPages(toAsk(search), (body) => list(field(body, 'workflow_runs')).map(toListedRun))
  if (!runs.ok) return runs
  const found = runs.value.filter((run) => isWanted(search, run))
  const value = found.map((run): PortRun => {
    const { runId, url, title, conclusion, actor, updatedAt } = run
    return { runId, url, title, conclusion, actor, isOwn: isBy(login.value, run), updatedAt }
  })
  return { ok: true, value: [...new Map(value.map((run) => [run.runId, run])).values()] }
}

function toAsk(search: RunSearch): Ask {
  const { repo, workflow, ref, headSha } = search
  return {
    repo,
    need: needs.readRuns,
    thing: `workflow ${workflow} on the default branch of ${repo}`,
    path: repoPath(repo, 'actions', 'workflows', workflow, 'runs'),
    parameters: {
      event: eventOf(search),
      branch: ref,
      ...(headSha === null ? {} : { head_sha: headSha }),
      ...(search.createdSince === null
        ? {}
        : { created: `>=${new Date(firstSecond(search.createdSince)).toISOString().slice(0, 19)}Z` }),
      exclude_pull_requests: true,
    },
  }
}

function isWanted(search: RunSearch, run: ListedRun): boolean {
  return (
    run.event === eventOf(search) &&
    run.headBranch === search.ref &&
    (search.headSha === null || run.headSha === search.headSha) &&
    (search.createdSince === null || run.createdAt >= firstSecond(search.createdSince)) &&
    (search.createdUntil === undefined || run.createdAt < firstSecond(search.createdUntil)) &&
    (search.marker === null || run.title.includes(search.marker))
  )
}

function eventOf({ event = 'workflow_dispatch' }: RunSearch): RunEvent {
  return event
}

/** `created_at` has whole seconds: a run of the same second may come after the intent. */
function firstSecond(createdSince: number): number {
  return Math.floor(createdSince / 1000) * 1000
}

/** A re-run has its original actor and the actor who requested the re-run. */
function isBy(login: string | null, run: ListedRun): boolean {
  return login === null || run.actor === login || run.triggeringActor === login
}
