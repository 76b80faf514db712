import type { Context, Hono } from 'hono'
import { runToJson } from '../../../flows/flow-json.js'
import { sanitizeLines } from '../../../lib/sanitize.js'
import { flowRunStatuses, lastAttempt } from '../../../model/flow/flow-run.js'
import type { FlowRun } from '../../../model/flow/flow-run.js'
import type { FlowRunPageJson } from '../../../model/wire/flows.js'
import { RunPage } from '../../pages/flows/run-page.js'
import { RunsPage } from '../../pages/flows/runs-page.js'
import { sendJson, sendPage, sendProblem, visitorOf, wantsPage } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { requesterOf } from '../login/caller.js'
import { addRoute } from '../routes.js'
import { refuseSender } from './flow-api.js'
import type { FlowApi } from './flow-api.js'
import { readPageQuery } from './page-query.js'
import { reportRun } from './run-stream.js'

const defaultLimit = 50

export function addRunRoutes(app: Hono<HttpEnv>, api: FlowApi): void {
  const { store } = api.data.flows.ports
  const ofRun = async (c: Context<HttpEnv>, answer: (run: FlowRun) => Response): Promise<Response> => {
    const id = c.req.param('id') ?? ''
    const run = await store.readRun(id)
    return run ? answer(run) : sendNoRun(c, id)
  }
  addRoute(app, '/runs', { get: (c) => listRuns(c, api) })
  addRoute(app, '/runs/:id', { get: (c) => ofRun(c, (run) => sendRun(c, api, run)) })
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
  const known = flowRunStatuses.find((each) => each === status)
  if (status !== '' && !known) {
    const detail = `The status ${JSON.stringify(status)} is not known. Use one of ${flowRunStatuses.join(', ')}.`
    return sendProblem(c, { status: 400, detail, field: 'status' })
  }
  const { items, nextCursor } = await data.flows.ports.store.listRuns({
    limit: defaultLimit,
    ...page.value,
    ...(eventId === '' ? {} : { eventId }),
    ...(known ? { status: known } : {}),
    ...(flow === '' ? {} : { flow }),
  })
  if (wantsPage(c)) {
    const { pathname, search } = new URL(c.req.url)
    const shown = { runs: items, nextCursor, status: known ?? null, eventId, flow, path: `${pathname}${search}` }
    return sendPage(c, RunsPage({ ...shown, now: data.clock.now(), visitor: visitorOf(c) }))
  }
  const answer: FlowRunPageJson = { items: items.map(runToJson), nextCursor }
  return sendJson(c, answer)
}

function sendRun(c: Context<HttpEnv>, { data }: FlowApi, run: FlowRun): Response {
  if (!wantsPage(c)) return sendJson(c, runToJson(run))
  return sendPage(c, RunPage({ run, now: data.clock.now(), visitor: visitorOf(c), done: c.req.query('done') }))
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
      if (wantsPage(c)) return c.redirect(`/runs/${encodeURIComponent(id)}?done=cancel`, 303)
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
