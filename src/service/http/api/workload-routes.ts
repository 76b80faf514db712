import type { Context, Hono } from 'hono'
import type { Workload, WorkloadQuery, WorkloadStatus } from '../../workloads/workload.js'
import type { PagesData } from '../../pages/pages-data.js'
import { QueuePage } from '../../pages/queue/queue-page.js'
import { WorkloadPage } from '../../pages/queue/workload-page.js'
import { sendJson, sendPage, sendProblem, visitorOf, wantsPage } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { addRoute } from '../routes.js'
import { readPageQuery } from './page-query.js'
import { workerJson, workloadDetailJson, workloadJson } from './workload-json.js'

const statuses: readonly WorkloadStatus[] = ['pending', 'claimed', 'running', 'completed', 'failed', 'cancelled']

export function addWorkloadRoutes(app: Hono<HttpEnv>, data: PagesData): void {
  const { workloads, clock } = data
  addRoute(app, '/workloads', { get: (c) => listWorkloads(c, data) })
  addRoute(app, '/workloads/:id', {
    get: async (c) => {
      const id = c.req.param('id') ?? ''
      const workload: Workload | null = await workloads.read(id)
      if (!workload) return sendProblem(c, { status: 404, detail: `There is no workload ${id}.` })
      if (wantsPage(c)) return sendPage(c, WorkloadPage({ workload, now: clock.now(), visitor: visitorOf(c) }))
      return sendJson(c, workloadDetailJson(workload))
    },
  })
  addRoute(app, '/workers', {
    get: async (c) => {
      if (wantsPage(c)) return c.redirect('/workloads', 302)
      const workers = await workloads.workers()
      return sendJson(c, { items: workers.map(workerJson) })
    },
  })
}

async function listWorkloads(c: Context<HttpEnv>, { workloads, clock }: PagesData): Promise<Response> {
  const asked = readPageQuery(c)
  if (!asked.ok) return sendProblem(c, { status: 400, detail: asked.problem })
  const query: WorkloadQuery = { ...asked.value }
  const { status = '', change = '' } = c.req.query()
  const known = statuses.find((each) => each === status)
  if (status !== '' && !known) {
    const detail = `The status ${JSON.stringify(status)} is not known. Use one of ${statuses.join(', ')}.`
    return sendProblem(c, { status: 400, detail })
  }
  if (known) query.status = known
  if (change !== '') query.change = change
  const { items, nextCursor } = await workloads.list(query)
  if (!wantsPage(c)) return sendJson(c, { items: items.map(workloadJson), nextCursor })
  const { pathname, search } = new URL(c.req.url)
  const page = { workloads: items, nextCursor, status: known ?? null, path: `${pathname}${search}` }
  const workers = await workloads.workers()
  return sendPage(c, QueuePage({ ...page, workers, now: clock.now(), visitor: visitorOf(c) }))
}
