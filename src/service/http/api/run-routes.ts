import type { Context, Hono } from 'hono'
import { runToJson } from '../../../flows/flow-json.js'
import { sanitizeLines } from '../../../lib/sanitize.js'
import { lastAttempt } from '../../../model/flow/flow-run.js'
import type { FlowRun, FlowRunStatus } from '../../../model/flow/flow-run.js'
import type { FlowRunPageJson } from '../../../model/wire/flows.js'
import { sendJson, sendProblem } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { requesterOf } from '../login/caller.js'
import { addRoute } from '../routes.js'
import { refuseSender } from './flow-api.js'
import type { FlowApi } from './flow-api.js'
import { readPageQuery } from './page-query.js'
import { reportRun } from './run-stream.js'

const statuses: readonly FlowRunStatus[] = ['queued', 'running', 'completed', 'failed', 'cancelled']
const defaultLimit = 50

export function addRunRoutes(app: Hono<HttpEnv>, api: FlowApi): void {
  const { store } = api.data.flows.ports
  const ofRun = async (c: Context<HttpEnv>, answer: (run: FlowRun) => Response): Promise<Response> => {
    const id = c.req.param('id') ?? ''
    const run = await store.readRun(id)
    return run ? answer(run) : sendNoRun(c, id)
  }
  addRoute(app, '/runs', { get: (c) => listRuns(c, api) })
  addRoute(app, '/runs/:id', { get: (c) => ofRun(c, (run) => sendJson(c, runToJson(run))) })
  addRoute(app, '/runs/:id/log', { get: (c) => ofRun(c, (run) => sendLog(c, run)) })
  addRoute(app, '/runs/:id/cancel', { post: (c) => cancel(c, api) })
  addRoute(app, '/runs/:id/stream', {
    get: (c) => ofRun(c, ({ id }) => api.streams.open(c, (stream) => reportRun(stream, () => store.readRun(id)))),
  })
}

async function listRuns(c: Context<HttpEnv>, { data }: FlowApi): Promise<Response> {
  const page = readPageQuery(c)
  if (!page.ok) return sendProblem(c, { status: 400, detail: page.problem })
  const { eventId = '', status = '', flow = '' } = c.req.query()
  const known = statuses.find((each) => each === status)
  if (status !== '' && !known) {
    const detail = `The status ${JSON.stringify(status)} is not known. Use one of ${statuses.join(', ')}.`
    return sendProblem(c, { status: 400, detail, field: 'status' })
  }
  const { items, nextCursor } = await data.flows.ports.store.listRuns({
    limit: defaultLimit,
    ...page.value,
    ...(eventId === '' ? {} : { eventId }),
    ...(known ? { status: known } : {}),
    ...(flow === '' ? {} : { flow }),
  })
  const answer: FlowRunPageJson = { items: items.map(runToJson), nextCursor }
  return sendJson(c, answer)
}

/** What the last attempt printed: its standard output, then its standard error. A reader may have a terminal. */
function sendLog(c: Context<HttpEnv>, run: FlowRun): Response {
  const { stdout, stderr } = lastAttempt(run).output
  return c.body(sanitizeLines(stdout + stderr), 200, { 'Content-Type': 'text/plain; charset=UTF-8' })
}

async function cancel(c: Context<HttpEnv>, api: FlowApi): Promise<Response> {
  const denied = await refuseSender(c, api, 'cancel runs')
  if (denied) return denied
  const id = c.req.param('id') ?? ''
  const cancellation = await api.data.flows.cancel(id, requesterOf(c.var.caller))
  switch (cancellation.kind) {
    case 'requested':
      return sendJson(c, runToJson(cancellation.run), 202)
    case 'ended':
      return sendProblem(c, { status: 409, detail: `The run ${id} has ended already.` })
    case 'absent':
      return sendNoRun(c, id)
  }
}

function sendNoRun(c: Context<HttpEnv>, id: string): Response {
  return sendProblem(c, { status: 404, detail: `There is no run ${JSON.stringify(id)}.` })
}
