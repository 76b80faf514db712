import type { CancelAnswer, CancelRequest } from '../../ports/store.js'
import type { Database } from '../database/database.js'
import { databaseNow } from '../database/database-now.js'
import { driverColumns, driverIn } from './journal-rows.js'
import type { DriverColumns, StoreProcess } from './journal-rows.js'
import { cancelChannel } from './leases.js'

/** How long a request stays open if its process dies without closing it, ms. */
const openMs = 60_000

/** Asks the driver, unless this request has asked it or another request is open. */
const ask = `
  UPDATE orch.journals SET cancel_requester = $2, cancel_ends = ${databaseNow} + ${openMs},
    cancel_fence = fence, cancel_count = cancel_count + 1
  WHERE id = $1 AND lease_ends > ${databaseNow} AND (
    (cancel_requester = $2 AND cancel_fence <> fence) OR
    (cancel_requester IS DISTINCT FROM $2 AND (cancel_requester IS NULL OR cancel_ends <= ${databaseNow}))
  )
  RETURNING ${driverColumns}, fence, cancel_count AS cancels`

export interface CancelRequestOptions {
  database: Database
  id: string
  identity: StoreProcess
  /** Unique among all requests. */
  requester: string
}

export function createCancelRequest({ database, id, identity, requester }: CancelRequestOptions): CancelRequest {
  return {
    send: async (): Promise<CancelAnswer> => {
      const [asked] = await database.query<DriverColumns & { fence: number; cancels: number }>(ask, [id, requester])
      const driver = asked && driverIn(asked, identity)
      if (driver) {
        await database.notify(cancelChannel, `${id} ${asked.fence} ${asked.cancels}`)
        return { kind: 'sent', driver }
      }
      const [row] = await database.query<DriverColumns>(`SELECT ${driverColumns} FROM orch.journals WHERE id = $1`, [
        id,
      ])
      const current = row && driverIn(row, identity)
      return current ? { kind: 'sent-before', driver: current } : { kind: 'not-driven' }
    },
    close: async () => {
      const close = 'UPDATE orch.journals SET cancel_requester = NULL WHERE id = $1 AND cancel_requester = $2'
      await database.query(close, [id, requester])
    },
  }
}
