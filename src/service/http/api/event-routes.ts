import type { Context, Hono } from 'hono'
import { checkNewEvent } from '../../../flows/check-request.js'
import { eventToJson, listedEventToJson } from '../../../flows/flow-json.js'
import { receiveEvent, runsOf } from '../../../flows/receive-event.js'
import { replayEvent } from '../../../flows/replay-event.js'
import type { FlowEvent } from '../../../model/flow/flow-event.js'
import type { FlowEventPageJson } from '../../../model/wire/flows.js'
import type { PagesData } from '../../pages/pages-data.js'
import { EventPage } from '../../pages/flows/event-page.js'
import { EventsPage } from '../../pages/flows/events-page.js'
import { sendJson, sendPage, sendProblem, visitorOf, wantsPage } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { addRoute } from '../routes.js'
import { dispatchedJson, readJson, refuseSender, sendFieldProblem, sendReceived } from './flow-api.js'
import type { FlowApi } from './flow-api.js'
import { readPageQuery } from './page-query.js'

const defaultLimit = 50

/** An event's id is one segment of the path: its slashes are sent as `%2F`. */
export function addEventRoutes(app: Hono<HttpEnv>, api: FlowApi): void {
  addRoute(app, '/events', { get: (c) => listEvents(c, api), post: (c) => postEvent(c, api) })
  addRoute(app, '/events/:id', { get: (c) => showEvent(c, api) })
  addRoute(app, '/events/:id/replay', { post: (c) => replay(c, api) })
}

async function postEvent(c: Context<HttpEnv>, api: FlowApi): Promise<Response> {
  const denied = await refuseSender(c, api, 'send events')
  if (denied) return denied
  const body = await readJson(c)
  if ('refused' in body) return body.refused
  const checked = checkNewEvent(body.value)
  if (!checked.ok) return sendFieldProblem(c, checked.problem)
  const received = await receiveEvent(api.data.flows.ports, checked.value)
  return sendReceived(c, api, { received, flow: '' })
}

async function listEvents(c: Context<HttpEnv>, { data }: FlowApi): Promise<Response> {
  const page = readPageQuery(c)
  if (!page.ok) return sendProblem(c, { status: 400, detail: page.problem })
  const { type = '', source = '' } = c.req.query()
  const { items, nextCursor } = await data.flows.ports.store.listEvents({
    limit: defaultLimit,
    ...page.value,
    ...(type === '' ? {} : { type }),
    ...(source === '' ? {} : { source }),
  })
  if (wantsPage(c)) {
    const runs = await data.flows.ports.store.summarizeRuns(items.map(({ id }) => id))
    const events = items.map((event) => ({ event, runs: runs.filter(({ eventId }) => eventId === event.id) }))
    const { pathname, search } = new URL(c.req.url)
    const shown = { events, nextCursor, type, source, path: `${pathname}${search}` }
    return sendPage(c, EventsPage({ ...shown, now: data.clock.now(), visitor: visitorOf(c) }))
  }
  const answer: FlowEventPageJson = { items: items.map(listedEventToJson), nextCursor }
  return sendJson(c, answer)
}

async function showEvent(c: Context<HttpEnv>, { data }: FlowApi): Promise<Response> {
  const id = c.req.param('id') ?? ''
  const event = await data.flows.ports.store.readEvent(id)
  if (!event) return sendNoEvent(c, id)
  return wantsPage(c) ? sendEventPage(c, data, event) : sendJson(c, eventToJson(event))
}

async function sendEventPage(c: Context<HttpEnv>, { flows, clock }: PagesData, event: FlowEvent): Promise<Response> {
  const runs = await runsOf(flows.ports.store, event.id)
  const shown = { event, runs, now: clock.now(), visitor: visitorOf(c), done: c.req.query('done') }
  return sendPage(c, EventPage(shown))
}

async function replay(c: Context<HttpEnv>, api: FlowApi): Promise<Response> {
  const denied = await refuseSender(c, api, 'replay events')
  if (denied) return denied
  const id = c.req.param('id') ?? ''
  const { flows } = api.data
  const replayed = await replayEvent(flows.ports, id)
  if (replayed.kind === 'absent') return sendNoEvent(c, id)
  await flows.advance(replayed.runs.map(({ flow }) => flow))
  if (wantsPage(c)) {
    const done = replayed.runs.length > 0 ? 'replay' : 'no-match'
    return c.redirect(`/events/${encodeURIComponent(id)}?done=${done}`, 303)
  }
  return sendJson(c, dispatchedJson(replayed), 202)
}

function sendNoEvent(c: Context<HttpEnv>, id: string): Response {
  return sendProblem(c, { status: 404, detail: `There is no event ${JSON.stringify(id)}.` })
}
