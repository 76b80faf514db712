import type { Database } from './database.js'
import { openEmbedded } from './embedded/embedded-connections.js'
import type { EmbeddedOptions } from './embedded/embedded-connections.js'
import { migrate } from './migrate.js'
import { endLeases } from './migrations.js'
import { createPooledDatabase } from './pooled-database.js'
import { reachPostgres } from './postgres-connections.js'
import type { PostgresOptions } from './postgres-connections.js'
import type { DatabaseRefusal } from './refusal.js'

export type DatabaseTarget = ({ kind: 'embedded' } & EmbeddedOptions) | ({ kind: 'postgres' } & PostgresOptions)

export type OpenedDatabase = { kind: 'opened'; database: Database } | DatabaseRefusal

/** Opens the database of the service and brings its tables up to date. */
export async function openDatabase(target: DatabaseTarget): Promise<OpenedDatabase> {
  const reached = target.kind === 'embedded' ? await openEmbedded(target) : await reachPostgres(target)
  if (reached.kind === 'refused') return reached
  const database = createPooledDatabase(reached.connections)
  try {
    const refusal = await migrate(database)
    if (refusal) {
      await database.close()
      return refusal
    }
    if (database.kind === 'embedded') await database.query(endLeases)
    return { kind: 'opened', database }
  } catch (error) {
    await database.close()
    throw error
  }
}
