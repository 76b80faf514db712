import type { Context, Hono } from 'hono'
import type { PagesData } from '../../pages/pages-data.js'
import { DeliveriesPage } from '../../pages/deliveries-page.js'
import { sendJson, sendPage, sendProblem, visitorOf, wantsPage } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { refuseAccess } from '../refuse-access.js'
import type { Permissions } from '../login/permissions.js'
import { addRoute } from '../routes.js'
import { readPageQuery } from './page-query.js'
import { deliveryJson } from './workload-json.js'

export function addDeliveryRoutes(app: Hono<HttpEnv>, data: PagesData, permissions: Permissions): void {
  addRoute(app, '/deliveries', { get: (c) => listDeliveries(c, data) })
  addRoute(app, '/deliveries/:id/attempts', { post: (c) => redeliver(c, data, permissions) })
}

async function listDeliveries(c: Context<HttpEnv>, { deliveries, clock }: PagesData): Promise<Response> {
  const page = readPageQuery(c)
  if (!page.ok) return sendProblem(c, { status: 400, detail: page.problem })
  const { items, nextCursor } = await deliveries.list(page.value)
  if (!wantsPage(c)) return sendJson(c, { items: items.map(deliveryJson), nextCursor })
  const { cursor } = page.value
  const path = cursor === undefined ? '/deliveries' : `/deliveries?cursor=${encodeURIComponent(cursor)}`
  const shown = { deliveries: items, nextCursor, now: clock.now(), path }
  return sendPage(c, DeliveriesPage({ ...shown, visitor: visitorOf(c), done: c.req.query('done') }))
}

async function redeliver(c: Context<HttpEnv>, data: PagesData, permissions: Permissions): Promise<Response> {
  const { deliveries, graph } = data
  const id = c.req.param('id') ?? ''
  const absent = { status: 404, detail: `There is no delivery ${id}.` } as const
  const delivery = await deliveries.read(id)
  if (!delivery) return sendProblem(c, absent)
  // A delivery without a repository, such as one of an installation, may concern all of them.
  const repositories = delivery.repository === null ? graph.jobs.map(({ repo }) => repo) : [delivery.repository]
  const refused = refuseAccess(c, await permissions.mayWrite(c.var.caller, repositories), 'handle this delivery again')
  if (refused) return refused
  const { kind } = await deliveries.redeliver(id)
  if (kind === 'absent') return sendProblem(c, absent)
  if (wantsPage(c)) return c.redirect('/deliveries?done=redeliver', 303)
  return sendJson(c, { delivery: id }, 202)
}
