import { failureText } from '../../lib/failure-text.js'
import { sanitize } from '../../lib/sanitize.js'
import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'
import { handedOn } from '../durable/durable.js'
import type { Task, TaskContext } from '../durable/durable.js'
import type { ProcessLease } from '../durable/process-lease.js'
import type { Log } from '../operations/log.js'
import { endJournalLease } from '../store/end-journal-lease.js'
import { ActiveWorkload } from './execution.js'
import type { Execution, Executors } from './execution.js'
import type { Slots } from './slots.js'
import { endWorkload, moveWorkload, readWorkloadRow, recordOrchestration, startWorkload } from './workload-row.js'
import type { WorkloadEnd, WorkloadRow } from './workload-row.js'
import { isRepeatableStep } from './workload.js'

export interface WorkloadTaskOptions {
  database: Database
  clock: Clock
  log: Log
  lease: ProcessLease
  slots: Slots
  executors: Executors
  /** The workloads that this process executes. */
  active: Map<string, ActiveWorkload>
  /** Called when a worker of this process has room again. */
  onRoom: () => void
}

/** The pause between two attempts to store an end that is known, ms. */
const storePauseMs = 1_000

/** Executes the workload of the id that the task was started under, unless it has ended. */
export function createWorkloadTask(options: WorkloadTaskOptions): Task<null> {
  const { database, slots, active, onRoom } = options
  return async (_, context) => {
    const { id, signal } = context
    const row = await readWorkloadRow(database.query, id)
    if (!row || row.endedAt !== null) return
    const workload = new ActiveWorkload()
    active.set(id, workload)
    try {
      await takePlace(options, row, signal)
      const end = await executeWorkload(options, { row, workload, context })
      if (end) await store(options, context, end)
    } finally {
      active.delete(id)
      slots.release(id)
      onRoom()
    }
  }
}

/** A workload that was taken over from another process waits here until a worker of this one has room. */
async function takePlace(
  { database: { query }, lease, slots }: WorkloadTaskOptions,
  row: WorkloadRow,
  signal: AbortSignal,
): Promise<void> {
  const { id, kind, process, worker: before, orchestration } = row
  const own = lease.identity.id
  // A task is taken over only from a process that has ended.
  if (process !== null && process !== own && orchestration !== null) await endJournalLease(query, orchestration)
  let worker = slots.take(id, kind)
  if (worker === null) {
    await moveWorkload(query, id, { process: own, worker: null })
    if (onlyEnds(row)) return
    worker = await slots.wait(id, kind, signal)
  }
  if (process !== own || before !== worker) await moveWorkload(query, id, { process: own, worker })
}

/** A step that is not performed again only ends. It needs no worker, which may be busy for hours. */
function onlyEnds({ work, startedAt }: WorkloadRow): boolean {
  return startedAt !== null && work.kind === 'flow-step' && !isRepeatableStep(work.action)
}

/** Null: the workload is executed elsewhere from now on. */
async function executeWorkload(
  { database: { query }, lease, executors }: WorkloadTaskOptions,
  { row, workload, context }: { row: WorkloadRow; workload: ActiveWorkload; context: TaskContext },
): Promise<WorkloadEnd | null> {
  const { id, work, orchestration } = row
  const { signal } = context
  if (signal.aborted) return null
  const process = lease.identity.id
  const cancelledBy = await startWorkload(query, id, process)
  if (cancelledBy !== null) workload.cancel(cancelledBy)
  if (cancelledBy !== null && orchestration === null) {
    return { status: 'cancelled', result: `cancelled by ${sanitize(cancelledBy)}` }
  }
  const execution: Execution = {
    id,
    signal,
    isHandedOn: () => signal.reason === handedOn,
    orchestration,
    recordOrchestration: (begun) => recordOrchestration(query, id, { process, orchestration: begun }),
    mayWrite: () => lease.isHeld() && (!signal.aborted || signal.reason === handedOn),
    onCancel: (listener) => workload.onCancel(listener),
    onDrive: (drive, read) => workload.setDrive(drive, read),
  }
  const end = work.kind === 'run' ? await executors.run(work, execution) : await executors['flow-step'](work, execution)
  return wasAborted(signal) ? null : end
}

/** An end that cannot be stored yet is kept: to execute the workload again would repeat what it did. */
async function store({ database: { query }, clock, log }: WorkloadTaskOptions, context: TaskContext, end: WorkloadEnd) {
  const { id, signal } = context
  for (;;) {
    try {
      await endWorkload(query, id, end)
      return
    } catch (error) {
      log.warn({ workload: id, error: failureText(error) }, 'the end of a workload could not be stored; trying again')
      await clock.sleep(storePauseMs, signal)
      if (signal.aborted) return
    }
  }
}

/** A function, because the compiler takes the property for unchanged since it was read last. */
function wasAborted(signal: AbortSignal): boolean {
  return signal.aborted
}
