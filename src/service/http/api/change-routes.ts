import type { Context, Hono } from 'hono'
import { checkBranch } from '../../../app/choose-branch.js'
import type { ChangeDetailJson, ChangeJson } from '../../../model/wire/changes.js'
import type { ReadableEntryJson } from '../../../model/wire/history.js'
import type { RecordedOrchestration } from '../../../model/build/history.js'
import { changeStatusToJson } from '../../../report/json/change-status-json.js'
import { historyToJson } from '../../../report/json/history-json.js'
import { readChange, readChanges } from '../../pages/read-changes.js'
import type { PagesData } from '../../pages/pages-data.js'
import { sendJson, sendProblem } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import type { Permissions } from '../login/permissions.js'
import { addRoute } from '../routes.js'
import type { Handler } from '../routes.js'
import { actOnChange } from './change-actions.js'
import { workloadJson } from './workload-json.js'

/** A branch name is one segment of the path: its slashes are sent as `%2F`. */
export function addChangeRoutes(app: Hono<HttpEnv>, data: PagesData, permissions: Permissions): void {
  addRoute(app, '/changes', { get: (c) => listChanges(c, data) })
  addRoute(app, '/changes/:branch', { get: ofChange(data, (c, branch) => showChange(c, data, branch)) })
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
    return sendProblem(c, { status: 404, detail: problems[0]?.message ?? 'there is no such change', problems })
  }
}

async function listChanges(c: Context<HttpEnv>, data: PagesData): Promise<Response> {
  const now = data.clock.now()
  const items: ChangeJson[] = (await readChanges(data)).map(({ branch, orchestrations, workloads }) => ({
    branch,
    orchestration: orchestrations[0] ? entryJson(orchestrations[0], now) : null,
    workloads: workloads.map(workloadJson),
  }))
  return sendJson(c, { items })
}

async function showChange(c: Context<HttpEnv>, data: PagesData, branch: string): Promise<Response> {
  const now = data.clock.now()
  const { status, orchestrations, workloads } = await readChange(data, branch)
  const answer: ChangeDetailJson = {
    branch,
    status: changeStatusToJson(status.status),
    orchestrations: orchestrations.map((entry) => entryJson(entry, now)),
    workloads: workloads.map(workloadJson),
  }
  return sendJson(c, answer)
}

function entryJson(entry: RecordedOrchestration, now: number): ReadableEntryJson {
  const [json] = historyToJson([entry], now).orchestrations
  if (json?.state === 'unreadable' || !json)
    throw new Error(`the orchestration ${entry.id} is readable but its entry is not`)
  return json
}
