import type { Context, Hono } from 'hono'
import type { Workload, WorkloadQuery, WorkloadStatus } from '../../workloads/workload.js'
import type { PagesData } from '../../pages/pages-data.js'
import { sendJson, sendProblem } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { addRoute } from '../routes.js'
import { readPageQuery } from './page-query.js'
import { workerJson, workloadDetailJson, workloadJson } from './workload-json.js'

const statuses: readonly WorkloadStatus[] = ['pending', 'claimed', 'running', 'completed', 'failed', 'cancelled']

export function addWorkloadRoutes(app: Hono<HttpEnv>, data: PagesData): void {
  const { workloads } = data
  addRoute(app, '/workloads', { get: (c) => listWorkloads(c, data) })
  addRoute(app, '/workloads/:id', {
    get: async (c) => {
      const id = c.req.param('id') ?? ''
      const workload: Workload | null = await workloads.read(id)
      if (!workload) return sendProblem(c, { status: 404, detail: `there is no workload ${id}.` })
      return sendJson(c, workloadDetailJson(workload))
    },
  })
  addRoute(app, '/workers', {
    get: async (c) => {
      const workers = await workloads.workers()
      return sendJson(c, { items: workers.map(workerJson) })
    },
  })
}

async function listWorkloads(c: Context<HttpEnv>, { workloads }: PagesData): Promise<Response> {
  const page = readPageQuery(c)
  if (!page.ok) return sendProblem(c, { status: 400, detail: page.problem })
  const query: WorkloadQuery = { ...page.value }
  const { status = '', change = '' } = c.req.query()
  const known = statuses.find((each) => each === status)
  if (status !== '' && !known) {
    const detail = `status is ${JSON.stringify(status)}. Use one of ${statuses.join(', ')}.`
    return sendProblem(c, { status: 400, detail })
  }
  if (known) query.status = known
  if (change !== '') query.change = change
  const { items, nextCursor } = await workloads.list(query)
  return sendJson(c, { items: items.map(workloadJson), nextCursor })
}
