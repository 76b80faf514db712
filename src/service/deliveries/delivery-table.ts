import type { Database } from '../database/database.js'
import { createInsert, tryInsert } from './insert-deliveries.js'
import type { NewDelivery } from './insert-deliveries.js'
import type { Delivery, DeliveryQuery, FullDelivery } from './delivery.js'

/** A delivery whose task is not known to be started. */
export interface Unstarted {
  id: string
  attempt: number
}

interface Row {
  id: string
  event: string
  action: string | null
  repository: string | null
  received_at: number
  handled_at: number | null
  result: string | null
}

const columns = 'id, event, action, repository, received_at, handled_at, result'

/** The deliveries in the database. Times are ms since the epoch, UTC. */
export class DeliveryTable {
  /** False: there is one of this id, and nothing was changed. */
  readonly insert: (delivery: NewDelivery) => Promise<boolean>
  private readonly database: Database

  constructor(database: Database) {
    this.database = database
    this.insert = createInsert(database)
  }

  /** Rejects if a delivery cannot be stored now; changes nothing. */
  tryInsert(delivery: NewDelivery): Promise<void> {
    return tryInsert(this.database, delivery)
  }

  /** Those that are not handled and whose task is not known to be started, oldest first. */
  async unstarted(limit: number): Promise<Unstarted[]> {
    return this.database.query<Unstarted>(
      `SELECT id, attempt FROM orch.deliveries WHERE handled_at IS NULL AND started < attempt
       ORDER BY received_at LIMIT $1`,
      [limit],
    )
  }

  async markStarted({ id, attempt }: Unstarted): Promise<void> {
    await this.database.query('UPDATE orch.deliveries SET started = $2 WHERE id = $1 AND started < $2', [id, attempt])
  }

  /** An older attempt that ends late does not end a newer one, and what is handled stays as it is. */
  async markHandled({ id, attempt }: Unstarted, result: string, handledAt: number): Promise<void> {
    const sql =
      'UPDATE orch.deliveries SET handled_at = $3, result = $4 WHERE id = $1 AND attempt = $2 AND handled_at IS NULL'
    await this.database.query(sql, [id, attempt, handledAt, result])
  }

  /** The number of the new attempt; null: there is no such delivery, or its payload is no longer kept. */
  async nextAttempt(id: string): Promise<number | null> {
    const [row] = await this.database.query<{ attempt: number }>(
      `UPDATE orch.deliveries SET attempt = attempt + 1, handled_at = NULL, result = NULL
       WHERE id = $1 AND payload IS NOT NULL RETURNING attempt`,
      [id],
    )
    return row?.attempt ?? null
  }

  /** After the last repetition of a task failed: the next sweep starts another attempt. False: the delivery is older than that time. */
  async repeatLater({ id, attempt }: Unstarted, receivedSince: number): Promise<boolean> {
    const rows = await this.database.query(
      `UPDATE orch.deliveries SET attempt = attempt + 1
       WHERE id = $1 AND attempt = $2 AND handled_at IS NULL AND received_at >= $3 RETURNING id`,
      [id, attempt, receivedSince],
    )
    return rows.length > 0
  }

  async list({ cursor, limit = 50 }: DeliveryQuery): Promise<{ items: Delivery[]; nextCursor: string | null }> {
    const count = Math.max(1, Math.min(limit, 100))
    const after = cursor === undefined ? null : readCursor(cursor)
    const values = after === null ? [] : [after.receivedAt, after.id]
    const rows = await this.database.query<Row>(
      `SELECT ${columns} FROM orch.deliveries ${after === null ? '' : 'WHERE (received_at, id) < ($1, $2)'}
       ORDER BY received_at DESC, id DESC LIMIT ${count + 1}`,
      values,
    )
    const items = rows.slice(0, count).map(toDelivery)
    const last = items.at(-1)
    return { items, nextCursor: rows.length > count && last ? `${last.receivedAt}:${last.id}` : null }
  }

  async read(id: string): Promise<FullDelivery | null> {
    const sql = `SELECT ${columns}, payload FROM orch.deliveries WHERE id = $1`
    const [row] = await this.database.query<Row & { payload: string | null }>(sql, [id])
    if (!row) return null
    return { ...toDelivery(row), payload: row.payload === null ? null : (JSON.parse(row.payload) as unknown) }
  }

  /** The ids among these that are stored. */
  async known(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const sql = 'SELECT id FROM orch.deliveries WHERE id = ANY($1)'
    const rows = await this.database.query<{ id: string }>(sql, [ids])
    return new Set(rows.map(({ id }) => id))
  }

  /** When the newest delivery was received; null: there is none. */
  async newestAt(): Promise<number | null> {
    const sql = 'SELECT max(received_at) AS at FROM orch.deliveries'
    const [row] = await this.database.query<{ at: number | null }>(sql)
    return row?.at ?? null
  }

  /** Removes payloads received before one time, and rows received before another one, of deliveries that are handled. */
  async prune({ payloadsBefore, rowsBefore }: { payloadsBefore: number; rowsBefore: number }): Promise<void> {
    await this.database.query('DELETE FROM orch.deliveries WHERE handled_at IS NOT NULL AND received_at < $1', [
      rowsBefore,
    ])
    await this.database.query(
      `UPDATE orch.deliveries SET payload = NULL
       WHERE handled_at IS NOT NULL AND received_at < $1 AND payload IS NOT NULL`,
      [payloadsBefore],
    )
  }
}

/** A cursor that this program did not write begins at the newest delivery. */
function readCursor(cursor: string): { receivedAt: number; id: string } | null {
  const found = /^([0-9]{1,15}):([A-Za-z0-9-]{1,100})$/u.exec(cursor)
  return found ? { receivedAt: Number(found[1]), id: found[2] ?? '' } : null
}

function toDelivery(row: Row): Delivery {
  const { id, event, action, repository, received_at: receivedAt, handled_at: handledAt, result } = row
  return {
    id,
    event,
    action,
    repository,
    receivedAt,
    handledAt,
    result,
  }
}
