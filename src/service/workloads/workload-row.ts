import type { Database, Query } from '../database/database.js'
import { databaseNow } from '../database/database-now.js'
import { endedChannel } from './messages.js'
import type { NewWorkload, Work, Workload, WorkloadKind, WorkloadStatus } from './workload.js'

/** An arbitrary number that all replicas use for the lock of the queue. */
const lockKey = 7_345_003

/** A workload with what only its execution needs. */
export interface WorkloadRow extends Workload {
  work: Work
  /** The process that has, or had, it; null: none yet. */
  process: string | null
  /** Who asked to cancel it; null: nobody. */
  cancelRequestedBy: string | null
  /** The orchestration that it began; null: none. */
  orchestration: string | null
}

export const workloadColumns = `id, kind, status, change, created_at AS "createdAt", claimed_at AS "claimedAt",
  started_at AS "startedAt", ended_at AS "endedAt", worker, result`

/** Changes of the queue are made one at a time, because its limits concern all of it. */
export function inQueueLock<T>(database: Database, work: (query: Query) => Promise<T>): Promise<T> {
  return database.transaction(work, { lock: [lockKey] })
}

/** False: there is one of this id already. */
export async function insertWorkload(query: Query, { id, work }: NewWorkload): Promise<boolean> {
  const kind: WorkloadKind = work.kind === 'flow-step' && work.action === 'exec' ? 'agent' : 'workflow'
  const change = work.kind === 'run' ? work.branch : null
  const repositories = work.kind === 'run' ? (work.repositories ?? []) : []
  const rows = await query(
    `INSERT INTO orch.workloads (id, kind, status, change, repositories, work, created_at)
     VALUES ($1, $2, 'pending', $3, $4, $5, ${databaseNow}) ON CONFLICT (id) DO NOTHING RETURNING id`,
    [id, kind, change, repositories.map((repo) => repo.toLowerCase()), JSON.stringify(work)],
  )
  return rows.length > 0
}

export async function readWorkloadRow(query: Query, id: string): Promise<WorkloadRow | null> {
  const [row] = await query<Omit<WorkloadRow, 'work'> & { work: string }>(
    `SELECT ${workloadColumns}, work, process, cancel_requested_by AS "cancelRequestedBy", orchestration
     FROM orch.workloads WHERE id = $1`,
    [id],
  )
  return row ? { ...row, work: JSON.parse(row.work) as Work } : null
}

/** Where a workload is executed. */
export interface Place {
  process: string
  /** Null: it waits for a worker of the process. */
  worker: string | null
}

/** Makes this process the one that executes a workload, unless it has ended. */
export async function moveWorkload(query: Query, id: string, { process, worker }: Place): Promise<void> {
  await query(
    `UPDATE orch.workloads SET status = 'claimed', process = $2, worker = $3, claimed_at = ${databaseNow}
     WHERE id = $1 AND status IN ('pending', 'claimed', 'running')`,
    [id, process, worker],
  )
}

/** Returns the request to cancel it that came before. Rejects when another process has taken the workload over. */
export async function startWorkload(query: Query, id: string, process: string): Promise<string | null> {
  // The execution does not wait for the disk: after a power failure the workload is claimed, as before.
  const [row] = await query<{ by: string | null }>(
    `WITH relaxed AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true) AS value)
     UPDATE orch.workloads SET status = 'running', started_at = COALESCE(started_at, ${databaseNow}) FROM relaxed
     WHERE id = $1 AND process = $2 AND status IN ('claimed', 'running') AND relaxed.value = 'off'
     RETURNING cancel_requested_by AS by`,
    [id, process],
  )
  if (!row) throw new Error(`the workload ${id} was taken over by another process`)
  return row.by
}

/** Records the orchestration of a workload before its journal is created. Rejects when another process has taken the workload over. */
export async function recordOrchestration(
  query: Query,
  id: string,
  { process, orchestration }: { process: string; orchestration: string },
): Promise<void> {
  const rows = await query(
    `UPDATE orch.workloads SET orchestration = $3 WHERE id = $1 AND process = $2 AND status = 'running' RETURNING id`,
    [id, process, orchestration],
  )
  if (rows.length === 0) throw new Error(`the workload ${id} was taken over by another process`)
}

export interface WorkloadEnd {
  status: Extract<WorkloadStatus, 'completed' | 'failed' | 'cancelled'>
  /** For a reader. */
  result: string
}

/** Ends a workload that has not ended. False: it had ended. */
export async function endWorkload(query: Query, id: string, { status, result }: WorkloadEnd): Promise<boolean> {
  const rows = await query(
    `WITH ended AS (
       UPDATE orch.workloads SET status = $2, result = $3, ended_at = ${databaseNow}
       WHERE id = $1 AND status IN ('pending', 'claimed', 'running') RETURNING id
     )
     SELECT pg_notify('${endedChannel}', id) FROM ended`,
    [id, status, result],
  )
  return rows.length > 0
}
