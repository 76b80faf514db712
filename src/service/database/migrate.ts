import type { Database } from './database.js'
import { migrations } from './migrations.js'
import type { DatabaseRefusal } from './refusal.js'

/** An arbitrary number that all replicas use for the lock of the migrations. */
const lockKey = 7_345_001

/** Applies the steps that the database does not have yet. Replicas that start together wait for each other. Null: it is up to date. */
export async function migrate(
  database: Database,
  steps: readonly string[] = migrations,
): Promise<DatabaseRefusal | null> {
  return database.transaction(async (query) => {
    await query('SELECT pg_advisory_xact_lock($1)', [lockKey])
    await query('CREATE SCHEMA IF NOT EXISTS orch')
    await query('CREATE TABLE IF NOT EXISTS orch.schema_version (version integer NOT NULL)')
    const [row] = await query<{ version: number }>('SELECT version FROM orch.schema_version')
    const version = row?.version ?? 0
    if (version > steps.length) return isNewer(database.location, version, steps.length)
    if (!row) await query('INSERT INTO orch.schema_version VALUES (0)')
    for (const step of steps.slice(version)) await query(step)
    await query('UPDATE orch.schema_version SET version = $1', [steps.length])
    return null
  })
}

function isNewer(location: string, version: number, known: number): DatabaseRefusal {
  return {
    kind: 'refused',
    why: 'newer',
    problem: `the tables in ${location} are of version ${version}, and this orch knows versions up to ${known}`,
    remedy: 'Install the newer orch that changed them, or restore a backup that was made before.',
  }
}
