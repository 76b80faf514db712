import { failureText } from '../../lib/failure-text.js'
import type { Clock } from '../../ports/clock.js'
import type { Database, Query } from '../database/database.js'
import type { ProcessLease } from '../durable/process-lease.js'
import type { Log } from '../operations/log.js'
import { claimPending } from './claim.js'
import type { WorkloadLimits } from './claim.js'
import type { Slots } from './slots.js'
import { inQueueLock } from './workload-row.js'

export interface ClaimerOptions {
  database: Database
  clock: Clock
  log: Log
  lease: ProcessLease
  slots: Slots
  limits: WorkloadLimits
  /** Executes a workload in this process, unless it is being executed. */
  begin: (id: string) => void
  /** Passes on a request to cancel a workload of this process. */
  cancel: (id: string, by: string) => void
  /** How often the rows are read in case that a message was lost, ms; default: 5 s. */
  pollMs?: number | undefined
}

/** Gives pending workloads to the workers of this process. */
export interface Claimer {
  start(): void
  /** Claims in the caller's transaction, which holds the lock of the queue; `begin` or `giveBack` follows. */
  claim(query: Query): Promise<string[]>
  giveBack(ids: readonly string[]): void
  /** Claims soon. */
  wake(): void
  close(): Promise<void>
}

export function createClaimer(options: ClaimerOptions): Claimer {
  const { database, clock, log, lease, slots, limits, begin, pollMs = 5_000 } = options
  const process = lease.identity.id
  const closed = new AbortController()
  let claiming: Promise<void> | null = null
  let isWanted = false
  let polling: Promise<void> = Promise.resolve()

  const claim = async (query: Query): Promise<string[]> =>
    lease.isHeld() && !closed.signal.aborted ? claimPending(query, { process, slots, limits }) : []

  const giveBack = (ids: readonly string[]): void => {
    for (const id of ids) slots.release(id)
  }

  const claimOnce = async (): Promise<void> => {
    if (slots.free('workflow') + slots.free('agent') === 0) return
    const [pending] = await database.query("SELECT 1 FROM orch.workloads WHERE status = 'pending' LIMIT 1")
    if (!pending) return
    let claimed: string[] = []
    try {
      await inQueueLock(database, async (query) => void (claimed = await claim(query)))
    } catch (error) {
      giveBack(claimed)
      throw error
    }
    for (const id of claimed) begin(id)
  }

  const claimWhileWanted = async (): Promise<void> => {
    while (isWanted && !closed.signal.aborted) {
      isWanted = false
      try {
        await claimOnce()
      } catch (error) {
        log.warn({ error: failureText(error) }, 'pending workloads could not be claimed; trying again')
      }
    }
    claiming = null
  }

  const wake = (): void => {
    isWanted = true
    claiming ??= claimWhileWanted()
  }

  const poll = async (): Promise<void> => {
    for (;;) {
      await clock.sleep(pollMs, closed.signal)
      if (closed.signal.aborted) return
      wake()
      if (!lease.isHeld()) continue
      try {
        await readOwn(options)
      } catch (error) {
        log.warn({ error: failureText(error) }, 'the queue could not be read; trying again')
      }
    }
  }

  return {
    start: () => {
      polling = poll()
      wake()
    },
    claim,
    giveBack,
    wake,
    close: async () => {
      closed.abort('closed')
      await Promise.all([polling, claiming])
    },
  }
}

/** Reads what a lost message would have said, and what a process that has ended has claimed without having begun it. */
async function readOwn({ database: { query }, lease, begin, cancel }: ClaimerOptions): Promise<void> {
  const process = lease.identity.id
  const cancelled = await query<{ id: string; by: string }>(
    `SELECT id, cancel_requested_by AS by FROM orch.workloads
     WHERE process = $1 AND status IN ('claimed', 'running') AND cancel_requested_by IS NOT NULL`,
    [process],
  )
  for (const { id, by } of cancelled) cancel(id, by)
  const left = await query<{ id: string }>(
    `SELECT id FROM orch.workloads w WHERE status IN ('claimed', 'running') AND
       ((process = $1 AND status = 'claimed') OR NOT EXISTS (SELECT 1 FROM orch.processes p WHERE p.id = w.process))`,
    [process],
  )
  for (const { id } of left) begin(id)
}
