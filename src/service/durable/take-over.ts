import { failureText } from '../../lib/failure-text.js'
import type { Clock } from '../../ports/clock.js'
import type { Database } from '../database/database.js'
import type { Log } from '../operations/log.js'
import { databaseNow } from '../database/database-now.js'
import { releasedChannel } from './process-lease.js'
import type { ProcessLease } from './process-lease.js'

export interface TakeOverOptions {
  database: Database
  clock: Clock
  log: Log
  lease: ProcessLease
  /** How often ended leases are looked for, ms; default: 3 s. */
  periodMs?: number | undefined
  /** Takes over what a process has left; returns how much that was. Repeated when it rejects. */
  takeOver: (processId: string) => Promise<number>
}

/** Looks for processes whose lease has ended, and takes over what they have left. Each is taken over by one process. */
export interface TakeOver {
  start(): Promise<void>
  close(): Promise<void>
}

export function createTakeOver(options: TakeOverOptions): TakeOver {
  const { database, clock, log, lease, periodMs = 3_000 } = options
  const stopped = new AbortController()
  let pause = new AbortController()
  let running: Promise<void> = Promise.resolve()
  let stopListening: () => Promise<void> = () => Promise.resolve()

  const wake = (): void => pause.abort('woken')

  const run = async (): Promise<void> => {
    const stop = whenAborted(stopped.signal)
    for (;;) {
      const signal = await Promise.race([stop, lease.held()])
      if (signal === null) return
      pause = new AbortController()
      const awake = AbortSignal.any([pause.signal, stopped.signal])
      await lookOnce(options, signal).catch((error: unknown) => {
        log.warn({ error: failureText(error) }, 'the work of ended processes could not be taken over; trying again')
      })
      await clock.sleep(periodMs, awake)
    }
  }

  return {
    start: async () => {
      stopListening = await database.listen(releasedChannel, wake)
      running = run()
    },
    close: async () => {
      stopped.abort('closed')
      await running
      await stopListening()
    },
  }
}

async function lookOnce({ database, log, lease, takeOver }: TakeOverOptions, signal: AbortSignal): Promise<void> {
  const { id } = lease.identity
  // A process that dies while it takes over is followed by another, which takes over from both.
  const ended = await database.query<{ id: string }>(
    `UPDATE orch.processes p SET taken_over_by = $1
     WHERE p.id <> $1 AND p.lease_ends < ${databaseNow} AND (p.taken_over_by IS NULL OR p.taken_over_by = $1 OR NOT EXISTS
       (SELECT 1 FROM orch.processes t WHERE t.id = p.taken_over_by AND t.lease_ends >= ${databaseNow}))
     RETURNING p.id`,
    [id],
  )
  for (const { id: processId } of ended) {
    if (signal.aborted) return
    const count = await takeOver(processId)
    await database.query('DELETE FROM orch.processes WHERE id = $1 AND taken_over_by = $2', [processId, id])
    log.info({ process: processId, tasks: count }, 'took over the work of a process that has ended')
  }
}

function whenAborted(signal: AbortSignal): Promise<null> {
  if (signal.aborted) return Promise.resolve(null)
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(null), { once: true }))
}
