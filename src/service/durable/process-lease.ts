import { createDeferred } from '../../lib/deferred.js'
import { failureText } from '../../lib/failure-text.js'
import type { Clock } from '../../ports/clock.js'
import { databaseNow } from '../database/database-now.js'
import type { Database } from '../database/database.js'
import type { Log } from '../operations/log.js'

/** One process of the service. */
export interface ProcessIdentity {
  /** Unique for each start of a process. */
  id: string
  host: string
  pid: number
  /** Number of workers in it. */
  workers: number
}

/**
 * The right of this process to do durable work. It ends when it is not renewed in time; another process may take the work over from then
 * on, so this process stops every effect at that time, even if it cannot reach the database.
 */
export interface ProcessLease {
  readonly identity: ProcessIdentity
  /** Rejects when the database cannot be reached. */
  acquire(): Promise<void>
  /** Resolves while the lease is held, to a signal that aborts when it ends. Never resolves after `lost` or `release`. */
  held(): Promise<AbortSignal>
  /** By the clock, so that it is right even before the signal could abort, as in a process that was suspended. */
  isHeld(): boolean
  /** Resolves when another process has taken the work over: this process must end. */
  readonly lost: Promise<unknown>
  /** Ends the lease, so that another process takes the work over at once. */
  release(): Promise<void>
}

export interface ProcessLeaseOptions {
  database: Database
  clock: Clock
  log: Log
  identity: ProcessIdentity
  /** Default: 15 s. */
  ttlMs?: number | undefined
}

/** The channel on which a process announces that it has released its lease. */
export const releasedChannel = 'orch_released'

const retryMs = 1_000

export function createProcessLease({
  database,
  clock,
  log,
  identity,
  ttlMs = 15_000,
}: ProcessLeaseOptions): ProcessLease {
  const { id, host, pid, workers } = identity
  const stopped = new AbortController()
  let tenure = createDeferred<AbortSignal>()
  let ending: AbortController | null = null
  let heldUntil = 0
  let expiry = new AbortController()
  const lost = createDeferred<null>()

  const begin = (): void => {
    if (ending) return
    ending = new AbortController()
    tenure.resolve(ending.signal)
  }
  const end = (reason: string): void => {
    if (!ending) return
    tenure = createDeferred()
    ending.abort(reason)
    ending = null
  }

  /** Held until `time`, ms, by this process's clock. */
  const holdUntil = (time: number): void => {
    expiry.abort('renewed')
    expiry = new AbortController()
    const { signal } = expiry
    heldUntil = time
    begin()
    void clock.sleep(time - clock.now(), signal).then(() => {
      if (signal.aborted) return
      log.error({}, 'the lease of this process has ended; its work is stopped until the lease is renewed')
      end('the lease has ended')
    })
  }

  /** False: another process has taken the work over. */
  const renew = async (): Promise<boolean> => {
    const rows = await database.query(
      `UPDATE orch.processes SET heartbeat_at = ${databaseNow}, lease_ends = ${databaseNow} + $2
       WHERE id = $1 AND taken_over_by IS NULL RETURNING id`,
      [id, ttlMs],
    )
    return rows.length > 0
  }

  const keep = async (): Promise<void> => {
    let pauseMs = ttlMs / 3
    for (;;) {
      await clock.sleep(pauseMs, stopped.signal)
      if (stopped.signal.aborted) return
      const sentAt = clock.now()
      try {
        if (await renew()) holdUntil(sentAt + ttlMs)
        else return lose()
        pauseMs = ttlMs / 3
      } catch (error) {
        log.warn({ error: failureText(error) }, 'the lease of this process could not be renewed')
        pauseMs = Math.min(retryMs, ttlMs / 3)
      }
    }
  }

  const lose = (): void => {
    log.error({}, 'another process has taken the work of this process over')
    expiry.abort('lost')
    end('another process has taken the work over')
    lost.resolve(null)
  }

  return {
    identity,
    lost: lost.promise,
    held: () => tenure.promise,
    isHeld: () => ending !== null && clock.now() < heldUntil,
    acquire: async () => {
      const sentAt = clock.now()
      await database.query(
        `INSERT INTO orch.processes (id, host, pid, workers, started_at, heartbeat_at, lease_ends)
         VALUES ($1, $2, $3, $4, ${databaseNow}, ${databaseNow}, ${databaseNow} + $5)`,
        [id, host, pid, workers, ttlMs],
      )
      holdUntil(sentAt + ttlMs)
      void keep()
    },
    release: async () => {
      stopped.abort('released')
      expiry.abort('released')
      end('the process ends')
      tenure = createDeferred()
      await database.query('UPDATE orch.processes SET lease_ends = 0 WHERE id = $1', [id])
      await database.notify(releasedChannel, id)
    },
  }
}
