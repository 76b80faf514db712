import pg from 'pg'
import { postgresIsMissing, startPostgres } from '../../tests/support/postgres.js'
import { childrenCpuSeconds, parentOf } from './process-usage.js'

export const databaseKinds = ['embedded', 'postgres'] as const
export type DatabaseKind = (typeof databaseKinds)[number]

/** The work of a database so far. */
export interface DatabaseWork {
  statements: number
  cpuSeconds: number
}

export interface BenchDatabase extends AsyncDisposable {
  /** Null: the database is embedded in the service. */
  url: string | null
  /** Null: the database is embedded, so that its CPU time is the service's, and nothing counts its statements. */
  work: () => Promise<DatabaseWork | null>
}

/** A PostgreSQL that writes each commit through to the disk and counts statements. */
const settings = ['fsync=on', 'full_page_writes=on', 'shared_preload_libraries=pg_stat_statements']

export async function openDatabase(kind: DatabaseKind): Promise<BenchDatabase> {
  if (kind === 'embedded') {
    return { url: null, work: () => Promise.resolve(null), [Symbol.asyncDispose]: () => Promise.resolve() }
  }
  if (postgresIsMissing !== null) throw new Error(postgresIsMissing)
  const server = await startPostgres(settings)
  const url = await server.createDatabase()
  const client = new pg.Client(url)
  await client.connect()
  await client.query('CREATE EXTENSION pg_stat_statements')
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const serverPid = await parentOf(rows[0]?.pid ?? NaN)
  return {
    url,
    work: async () => {
      const sql = 'SELECT sum(calls)::float8 AS statements FROM pg_stat_statements'
      const [counted] = (await client.query<{ statements: number }>(sql)).rows
      return { statements: counted?.statements ?? NaN, cpuSeconds: await childrenCpuSeconds(serverPid) }
    },
    [Symbol.asyncDispose]: async () => {
      await client.end()
      await server.remove()
    },
  }
}
