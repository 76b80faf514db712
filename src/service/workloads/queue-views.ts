import type { Database } from '../database/database.js'
import { databaseNow } from '../database/database-now.js'
import type { QueueCounts } from '../operations/metrics.js'
import type { Worker, Workload, WorkloadQuery } from './workload.js'
import { workloadColumns } from './workload-row.js'

const maxPage = 100
const defaultPage = 50

/** The id of the nth worker of a process, from 1. */
export function workerId(process: string, index: number): string {
  return `${process}-${index}`
}

export async function listWorkloads(
  { query }: Database,
  { status, change, cursor, limit = defaultPage }: WorkloadQuery,
): Promise<{ items: Workload[]; nextCursor: string | null }> {
  const size = Math.min(Math.max(1, limit), maxPage)
  // A cursor that nobody has been given selects nothing.
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : /^\d{1,15}$/u.test(cursor) ? Number(cursor) : 0
  const rows = await query<Workload & { position: number }>(
    `SELECT position, ${workloadColumns} FROM orch.workloads
     WHERE position < $1 AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR change = $3)
     ORDER BY position DESC LIMIT $4`,
    [before, status ?? null, change ?? null, size + 1],
  )
  const items = rows.slice(0, size)
  const last = items.at(-1)
  return {
    items: items.map(toWorkload),
    nextCursor: rows.length > size && last ? String(last.position) : null,
  }
}

function toWorkload(row: Workload): Workload {
  const { id, kind, status, change, createdAt, claimedAt, startedAt, endedAt, worker, result } = row
  return { id, kind, status, change, createdAt, claimedAt, startedAt, endedAt, worker, result }
}

export async function readWorkload({ query }: Database, id: string): Promise<Workload | null> {
  const [row] = await query<Workload>(`SELECT ${workloadColumns} FROM orch.workloads WHERE id = $1`, [id])
  return row ?? null
}

interface ProcessRow {
  id: string
  host: string
  pid: number
  workers: number
  startedAt: number
  heartbeatAt: number
}

/** The workers of the processes that are alive. */
export async function listWorkers({ query }: Database): Promise<Worker[]> {
  const processes = await query<ProcessRow>(
    `SELECT id, host, pid, workers, started_at AS "startedAt", heartbeat_at AS "heartbeatAt" FROM orch.processes
     WHERE lease_ends >= ${databaseNow} AND taken_over_by IS NULL ORDER BY started_at, id`,
  )
  const active = await query<Pick<Workload, 'id' | 'status' | 'worker'>>(
    `SELECT id, status, worker FROM orch.workloads WHERE status IN ('claimed', 'running') AND worker IS NOT NULL
     ORDER BY position`,
  )
  return processes.flatMap(({ workers, id: process, ...more }) =>
    Array.from({ length: workers }, (_, index): Worker => {
      const id = workerId(process, index + 1)
      const own = active.filter(({ worker }) => worker === id)
      const isActive = own.some(({ status }) => status === 'running')
      const state = isActive ? 'active' : own.length > 0 ? 'claimed' : 'standby'
      return { id, state, ...more, workloads: own.map((workload) => workload.id) }
    }),
  )
}

/** How many workloads and workers there are, by status and state. Ended workloads are not counted: they only accumulate. */
export async function countQueue(database: Database): Promise<QueueCounts> {
  const rows = await database.query<{ status: string; count: number }>(
    `SELECT status, count(*)::int AS count FROM orch.workloads WHERE status IN ('pending', 'claimed', 'running')
     GROUP BY status`,
  )
  const workloads = {
    pending: 0,
    claimed: 0,
    running: 0,
    ...Object.fromEntries(rows.map((row) => [row.status, row.count])),
  }
  const workers = { standby: 0, claimed: 0, active: 0 }
  for (const { state } of await listWorkers(database)) workers[state] += 1
  return { workloads, workers }
}
