import type { Database } from '../database/database.js'
import { DatabaseUnreachable } from '../database/unreachable.js'

/** A delivery to store. */
export interface NewDelivery {
  id: string
  event: string
  action: string | null
  repository: string | null
  /** ms, UTC. */
  receivedAt: number
  /** The payload as JSON. */
  json: string
  /** Why nothing is to be done; null: it is to be handled. */
  ignoredFor: string | null
}

/** One statement stores at most this many deliveries, and about this many characters of payload. */
const batchSize = 100
const batchCharacters = 4_000_000

interface Waiting {
  delivery: NewDelivery
  resolve: (isNew: boolean) => void
  reject: (error: unknown) => void
}

/**
 * Stores deliveries. Those that arrive while others are being written are written together, because a commit waits for the disk. Resolves to
 * false if there is one of this id, and nothing was changed.
 */
export function createInsert({ query }: Database): (delivery: NewDelivery) => Promise<boolean> {
  let waiting: Waiting[] = []
  let isWriting = false
  const writeAll = async (): Promise<void> => {
    isWriting = true
    try {
      while (waiting.length > 0) {
        const count = countOfBatch(waiting)
        const batch = waiting.slice(0, count)
        waiting = waiting.slice(count)
        await write(query, batch)
      }
    } finally {
      isWriting = false
    }
  }
  return (delivery) =>
    new Promise((resolve, reject) => {
      waiting.push({ delivery, resolve, reject })
      if (!isWriting) void writeAll()
    })
}

/** Rejects if a delivery cannot be stored now. Stores it and takes it back, so that nothing changes. */
export async function tryInsert(database: Database, delivery: NewDelivery): Promise<void> {
  const takenBack = new Error('the delivery was taken back')
  try {
    await database.transaction(async (query) => {
      await insert(query, [delivery])
      throw takenBack
    })
  } catch (error) {
    if (error !== takenBack) throw error
  }
}

function countOfBatch(waiting: readonly Waiting[]): number {
  let characters = 0
  const end = waiting.slice(0, batchSize).findIndex(({ delivery }, index) => {
    characters += delivery.json.length
    return index > 0 && characters > batchCharacters
  })
  return end < 0 ? Math.min(waiting.length, batchSize) : end
}

/** Never rejects. A delivery that the database refuses does not keep the others of its batch from being stored. */
async function write(query: Database['query'], batch: readonly Waiting[]): Promise<void> {
  try {
    const stored = new Set(
      await insert(
        query,
        batch.map(({ delivery }) => delivery),
      ),
    )
    // Of two with the same id in one batch, the first is the new one.
    for (const { delivery, resolve } of batch) resolve(stored.delete(delivery.id))
  } catch (error) {
    if (batch.length > 1 && !(error instanceof DatabaseUnreachable)) {
      for (const each of batch) await write(query, [each])
      return
    }
    for (const { reject } of batch) reject(error)
  }
}

async function insert(query: Database['query'], deliveries: readonly NewDelivery[]): Promise<string[]> {
  const rows = await query<{ id: string }>(
    `INSERT INTO orch.deliveries (id, event, action, repository, received_at, payload, result, handled_at)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::text[], $8::bigint[])
     ON CONFLICT (id) DO NOTHING RETURNING id`,
    [
      deliveries.map(({ id }) => id),
      deliveries.map(({ event }) => event),
      deliveries.map(({ action }) => action),
      deliveries.map(({ repository }) => repository),
      deliveries.map(({ receivedAt }) => receivedAt),
      deliveries.map(({ json }) => json),
      deliveries.map(({ ignoredFor }) => ignoredFor),
      deliveries.map(({ ignoredFor, receivedAt }) => (ignoredFor === null ? null : receivedAt)),
    ],
  )
  return rows.map(({ id }) => id)
}
