import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { thisMachine } from '../../src/lib/process-liveness.js'
import type { Database } from '../../src/service/database/database.js'
import { openDatabase } from '../../src/service/database/open-database.js'
import type { OpenedDatabase } from '../../src/service/database/open-database.js'
import { isExhaustive } from './exhaustive.js'
import { postgresIsMissing, startPostgres } from './postgres.js'
import type { PostgresServer } from './postgres.js'

/** Where the tests of a file open databases of one kind. */
export interface DatabaseRoom {
  /** An open database without rows. Opening one takes a second, so it is always the same one: what was in it is removed. */
  create(): Promise<Database>
  /** Another connection to the database: what another replica has. Embedded: the same object. */
  join(): Promise<Database>
  /** Only for PostgreSQL. */
  server: PostgresServer | null
  close(): Promise<void>
}

export function opened(result: OpenedDatabase): Database {
  if (result.kind !== 'opened') throw new Error(`${result.problem}. ${result.remedy}`)
  return result.database
}

export function openPostgres(url: string): Promise<OpenedDatabase> {
  const onWait = (): never => {
    throw new Error('the database of the test cannot be reached')
  }
  return openDatabase({ kind: 'postgres', url, onWait, sleep: () => Promise.resolve() })
}

export async function postgresRoom(): Promise<DatabaseRoom> {
  const server = await startPostgres()
  const url = await server.createDatabase()
  const databases: Database[] = []
  const join = async (): Promise<Database> => {
    const database = opened(await openPostgres(url))
    databases.push(database)
    return database
  }
  return {
    create: async () => {
      const [database] = databases
      if (!database) return join()
      await empty(database)
      return database
    },
    join,
    server,
    close: async () => {
      await Promise.all(databases.map((each) => each.close()))
      await server.remove()
    },
  }
}

async function openEmbedded(): Promise<Database> {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'orch-database-'))
  return opened(await openDatabase({ kind: 'embedded', stateDirectory, processes: thisMachine }))
}

let shared: Promise<Database> | undefined

/** All files of a worker, which share its modules, have the same database: opening one takes seconds. It ends with the worker, its folder with the run. */
export async function embeddedRoom(): Promise<DatabaseRoom> {
  return roomOf(await (shared ??= openEmbedded()), () => Promise.resolve())
}

/** For a file that changes the tables. */
async function ownEmbeddedRoom(): Promise<DatabaseRoom> {
  const database = await openEmbedded()
  return roomOf(database, () => database.close())
}

function roomOf(database: Database, close: () => Promise<void>): DatabaseRoom {
  return {
    create: async () => {
      await empty(database)
      return database
    },
    join: () => Promise.resolve(database),
    server: null,
    close,
  }
}

/** Removes the rows of all tables, ours and those of DBOS, but not their versions. A TRUNCATE would take fifty times as long: it makes files. */
async function empty(database: Database): Promise<void> {
  const tables = await database.query<{ name: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname IN ('orch', 'dbos') AND tablename NOT IN ('schema_version', 'dbos_migrations')`,
  )
  await database.query(tables.map(({ name }) => `DELETE FROM ${name}`).join('; '))
}

/** For `describe.each`: both kinds of database; `openOwn`: with tables that the file may change; `missing`: why this machine cannot test it. */
export const databaseKinds = [
  { name: 'embedded', open: embeddedRoom, openOwn: ownEmbeddedRoom, missing: null },
  { name: 'on PostgreSQL', open: postgresRoom, openOwn: postgresRoom, missing: postgresIsMissing },
]

/**
 * For contracts that both kinds keep by the same statements: PostgreSQL, where it is installed, and in the nightly run both. What differs
 * between them, such as connections, transactions and messages, is tested on both in each run.
 */
export const contractKinds =
  isExhaustive || postgresIsMissing !== null ? databaseKinds : databaseKinds.filter(({ name }) => name !== 'embedded')

/**
 * The environment of a built service whose database does not matter: PostgreSQL, where it is installed, because a start on the embedded
 * database takes some seconds of computing time. The nightly run uses the embedded one.
 */
export async function databaseOfService(): Promise<AsyncDisposable & { env: Record<string, string> }> {
  if (isExhaustive || postgresIsMissing !== null) return { env: {}, [Symbol.asyncDispose]: () => Promise.resolve() }
  const server = await startPostgres()
  return { env: { DATABASE_URL: await server.createDatabase() }, [Symbol.asyncDispose]: () => server.remove() }
}
