import type { Context, Hono } from 'hono'
import { checkBranch } from '../../../app/choose-branch.js'
import type { ChangeDetailJson, ChangeJson } from '../../../model/wire/changes.js'
import type { ReadableEntryJson } from '../../../model/wire/history.js'
import type { RecordedOrchestration } from '../../../model/build/history.js'
import { changeStatusToJson } from '../../../report/json/change-status-json.js'
import { historyToJson } from '../../../report/json/history-json.js'
import { orchestrationToJson } from '../../../report/json/orchestration-json.js'
import type { ChangeReader } from '../../pages/change-reader.js'
import { ChangePage } from '../../pages/change/change-page.js'
import { ChangesPage } from '../../pages/change/changes-page.js'
import { OrchestrationPage } from '../../pages/change/orchestration-page.js'
import type { PagesData } from '../../pages/pages-data.js'
import { sendJson, sendPage, sendProblem, visitorOf, wantsPage } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import type { Permissions } from '../login/permissions.js'
import { addRoute } from '../routes.js'
import type { Handler } from '../routes.js'
import { actOnChange } from './change-actions.js'
import { workloadJson } from './workload-json.js'

export interface ChangeRoutesOptions {
  data: PagesData
  reader: ChangeReader
  permissions: Permissions
}

/** How old GitHub's state of a change may be where a page updates itself. */
const liveMaxAgeMs = 30_000

/** A branch name is one segment of the path: its slashes are sent as `%2F`. */
export function addChangeRoutes(app: Hono<HttpEnv>, options: ChangeRoutesOptions): void {
  const { data, permissions } = options
  addRoute(app, '/changes', { get: (c) => listChanges(c, options) })
  addRoute(app, '/changes/:branch', { get: ofChange(data, (c, branch) => showChange(c, branch, options)) })
  addRoute(app, '/changes/:branch/orchestrations/:id', {
    get: ofChange(data, (c, branch) => showOrchestration(c, branch, options)),
  })
  for (const action of ['run', 'cancel', 'invalidate'] as const) {
    const act = (c: Context<HttpEnv>, branch: string): Promise<Response> =>
      actOnChange(c, { branch, action }, { data, permissions })
    addRoute(app, `/changes/:branch/${action}`, { post: ofChange(data, act) })
  }
}

/** Answers only for a branch that can be the branch of a change. */
function ofChange(
  { graph }: PagesData,
  handle: (c: Context<HttpEnv>, branch: string) => Response | Promise<Response>,
): Handler {
  return (c) => {
    const branch = checkBranch(graph, c.req.param('branch') ?? '')
    if (branch.ok) return handle(c, branch.value)
    const problems = branch.problems.map(({ message, why, remedy }) => ({ message, why, remedy }))
    return sendProblem(c, { status: 404, detail: problems[0]?.message ?? 'There is no such change.', problems })
  }
}

async function listChanges(c: Context<HttpEnv>, { data, reader }: ChangeRoutesOptions): Promise<Response> {
  const { graph, clock } = data
  const named = c.req.query('branch')?.trim()
  // The form that opens a change by its branch.
  if (named !== undefined && named !== '') return c.redirect(`/changes/${encodeURIComponent(named)}`, 303)
  const changes = await reader.changes()
  const now = clock.now()
  if (wantsPage(c)) return sendPage(c, ChangesPage({ changes, graph, now, visitor: visitorOf(c) }))
  const items: ChangeJson[] = changes.map(({ branch, orchestrations, workloads }) => ({
    branch,
    orchestration: orchestrations[0] ? entryJson(orchestrations[0], now) : null,
    workloads: workloads.map(workloadJson),
  }))
  return sendJson(c, { items })
}

async function showChange(
  c: Context<HttpEnv>,
  branch: string,
  { data, reader }: ChangeRoutesOptions,
): Promise<Response> {
  const { graph, clock } = data
  const change = await reader.change(branch, c.req.header('x-live') === undefined ? 0 : liveMaxAgeMs)
  const now = clock.now()
  if (wantsPage(c)) {
    return sendPage(c, ChangePage({ change, graph, now, visitor: visitorOf(c), done: c.req.query('done') }))
  }
  const answer: ChangeDetailJson = {
    branch,
    status: changeStatusToJson(change.status.status),
    orchestrations: change.orchestrations.map((entry) => entryJson(entry, now)),
    workloads: change.workloads.map(workloadJson),
  }
  return sendJson(c, answer)
}

async function showOrchestration(
  c: Context<HttpEnv>,
  branch: string,
  { data, reader }: ChangeRoutesOptions,
): Promise<Response> {
  const id = c.req.param('id') ?? ''
  const entry = await reader.orchestration(branch, id)
  if (!entry) return sendProblem(c, { status: 404, detail: `${branch} has no orchestration ${id}.` })
  const now = data.clock.now()
  if (wantsPage(c)) return sendPage(c, OrchestrationPage({ entry, now, visitor: visitorOf(c) }))
  return sendJson(c, orchestrationToJson(entry, now))
}

function entryJson(entry: RecordedOrchestration, now: number): ReadableEntryJson {
  const [json] = historyToJson([entry], now).orchestrations
  if (json?.state === 'unreadable' || !json)
    throw new Error(`the orchestration ${entry.id} is readable but its entry is not`)
  return json
}
