import { failureText } from '../../lib/failure-text.js'
import { sanitize } from '../../lib/sanitize.js'
import type { Clock } from '../../ports/clock.js'
import type { Database, Query } from '../database/database.js'
import type { Durable } from '../durable/durable.js'
import { databaseNow } from '../database/database-now.js'
import type { ProcessLease } from '../durable/process-lease.js'
import type { Log } from '../operations/log.js'
import type { WorkloadLimits } from './claim.js'
import { createClaimer } from './claimer.js'
import type { ActiveWorkload, Executors } from './execution.js'
import { listenToQueue, tellQueue } from './messages.js'
import type { QueueMessage } from './messages.js'
import { listWorkers, listWorkloads, readWorkload, workerId } from './queue-views.js'
import { Slots } from './slots.js'
import type { NewWorkload, Workloads } from './workload.js'
import { endWorkload, inQueueLock, insertWorkload } from './workload-row.js'
import { createWorkloadTask } from './workload-task.js'

export interface WorkloadsOptions {
  database: Database
  clock: Clock
  log: Log
  lease: ProcessLease
  durable: Durable
  /** Workflow workloads that a worker holds at the same time. */
  capacity: number
  limits: WorkloadLimits
  executors: Executors
  /** As in `ClaimerOptions`. */
  pollMs?: number | undefined
}

/** The queue with the workers of this process. Created before `durable` is launched, started after it. */
export interface WorkloadService extends Workloads {
  /** Cancels an orchestration that this process drives, if it does. */
  cancelOrchestration(id: string): void
  start(): Promise<void>
  /** Claims nothing more. Closing `durable` hands on what is being executed. */
  close(): Promise<void>
}

/**
 * The queue is a table, because a queue of DBOS knows neither repositories nor superseding, and is polled; what is claimed is a durable task
 * of DBOS, which survives the process.
 */
export function createWorkloads(options: WorkloadsOptions): WorkloadService {
  const { database, log, lease, durable, capacity } = options
  const { id: process, workers } = lease.identity
  const workerIds = Array.from({ length: workers }, (_, index) => workerId(process, index + 1))
  const slots = new Slots({ workers: workerIds, capacity })
  const active = new Map<string, ActiveWorkload>()
  const onFailed = async (id: string, error: unknown): Promise<void> => {
    await endWorkload(database.query, id, { status: 'failed', result: sanitize(failureText(error)) })
    claimer.wake()
  }
  const task = createWorkloadTask({ ...options, slots, active, onRoom: () => claimer.wake() })
  const start = workers > 0 ? durable.define('workload', task, { role: 'worker', onFailed }) : null
  let stopListening: () => Promise<void> = () => Promise.resolve()

  const begin = (id: string): void => {
    if (active.has(id) || !start) return
    void start(id, null).catch((error: unknown) => {
      log.warn({ workload: id, error: failureText(error) }, 'a claimed workload could not be started; trying again')
    })
  }
  const cancelHere = (id: string, by: string): boolean => {
    active.get(id)?.cancel(by)
    return active.has(id)
  }
  const claimer = createClaimer({ ...options, slots, begin, cancel: cancelHere })
  const tell = (message: QueueMessage): Promise<void> => tellQueue(database, log, message)
  const passCancel = async (id: string, by: string): Promise<void> => {
    if (!cancelHere(id, by)) await tell({ type: 'cancel', id, by })
  }
  const observeHere: Workloads['observe'] extends (...given: infer Given) => unknown
    ? (...given: Given) => boolean
    : never = (repo, run) => [...active.values()].some((workload) => workload.observe(repo, run))

  const onMessage = (message: QueueMessage): void => {
    if (message.type === 'pending') claimer.wake()
    else if (message.type === 'cancel') cancelHere(message.id, message.by)
    else observeHere(message.repo, message.run)
  }

  const enqueue = async (workload: NewWorkload): ReturnType<Workloads['enqueue']> => {
    const { id } = workload
    let claimed: string[] = []
    let superseded: string[] = []
    const by = `the newer workload ${id}`
    try {
      const isNew = await inQueueLock(database, async (query) => {
        if (!(await insertWorkload(query, workload))) return false
        if (workload.work.kind === 'run') superseded = await supersede(query, { id, change: workload.work.branch, by })
        claimed = await claimer.claim(query)
        return true
      })
      if (!isNew) return { kind: 'known' }
    } catch (error) {
      claimer.giveBack(claimed)
      throw error
    }
    for (const each of claimed) begin(each)
    for (const older of superseded) await passCancel(older, by)
    if (!claimed.includes(id) && superseded.length === 0) await tell({ type: 'pending' })
    return { kind: 'created' }
  }

  return {
    enqueue,
    list: (query) => listWorkloads(database, query),
    read: (id) => readWorkload(database, id),
    cancel: async (id, by) => {
      const answer = await inQueueLock(database, (query) => requestCancel(query, id, by))
      if (answer === 'running') await passCancel(id, by)
      if (answer === 'cancelled') claimer.wake()
      return { kind: answer === 'running' || answer === 'cancelled' ? 'requested' : answer }
    },
    workers: () => listWorkers(database),
    cancelOrchestration: (id) => {
      for (const workload of active.values()) if (workload.drives(id)) workload.cancel('orch cancel')
    },
    observe: async (repo, run) => {
      if (!observeHere(repo, run)) await tell({ type: 'observe', repo, run })
    },
    start: async () => {
      if (workers === 0) return
      stopListening = await listenToQueue(database, { log, onMessage })
      claimer.start()
    },
    close: async () => {
      await claimer.close()
      await stopListening()
    },
  }
}

/** Cancels the older workloads of a change. Returns those that a process has: it is to be told. */
async function supersede(
  query: Query,
  { id, change, by }: { id: string; change: string; by: string },
): Promise<string[]> {
  await query(
    `UPDATE orch.workloads SET status = 'cancelled', ended_at = ${databaseNow}, result = $3
     WHERE change = $1 AND status = 'pending' AND id <> $2`,
    [change, id, `superseded by ${by}`],
  )
  const active = await query<{ id: string }>(
    `UPDATE orch.workloads SET cancel_requested_by = COALESCE(cancel_requested_by, $3)
     WHERE change = $1 AND status IN ('claimed', 'running') AND id <> $2 RETURNING id`,
    [change, id, by],
  )
  return active.map((row) => row.id)
}

async function requestCancel(
  query: Query,
  id: string,
  by: string,
): Promise<'absent' | 'ended' | 'cancelled' | 'running'> {
  const [row] = await query<{ status: string }>('SELECT status FROM orch.workloads WHERE id = $1', [id])
  if (!row) return 'absent'
  if (row.status === 'pending') {
    await endWorkload(query, id, { status: 'cancelled', result: `cancelled by ${sanitize(by)}` })
    return 'cancelled'
  }
  const rows = await query(
    `UPDATE orch.workloads SET cancel_requested_by = COALESCE(cancel_requested_by, $2)
     WHERE id = $1 AND status IN ('claimed', 'running') RETURNING id`,
    [id, by],
  )
  return rows.length > 0 ? 'running' : 'ended'
}
