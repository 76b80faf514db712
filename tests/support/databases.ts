import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { thisMachine } from '../../src/lib/process-liveness.js'
import type { Database } from '../../src/service/database/database.js'
import { openDatabase } from '../../src/service/database/open-database.js'
import type { OpenedDatabase } from '../../src/service/database/open-database.js'
import { postgresIsMissing, startPostgres } from './postgres.js'
import type { PostgresServer } from './postgres.js'

/** Where the tests of a file open databases of one kind. */
export interface DatabaseRoom {
  /** An open database without rows. */
  create(): Promise<Database>
  /** Another connection to the database that was created last: what another replica has. Embedded: the same object. */
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
  const databases: Database[] = []
  let url = ''
  const join = async (): Promise<Database> => {
    const database = opened(await openPostgres(url))
    databases.push(database)
    return database
  }
  return {
    create: async () => {
      url = await server.createDatabase()
      return join()
    },
    join,
    server,
    close: async () => {
      await Promise.all(databases.map((each) => each.close()))
      await server.remove()
    },
  }
}

export function embeddedRoom(): Promise<DatabaseRoom> {
  const folders: string[] = []
  const databases: Database[] = []
  return Promise.resolve({
    create: async () => {
      const stateDirectory = mkdtempSync(join(tmpdir(), 'orch-database-'))
      folders.push(stateDirectory)
      const database = opened(await openDatabase({ kind: 'embedded', stateDirectory, processes: thisMachine }))
      databases.push(database)
      return database
    },
    join: () => {
      const last = databases.at(-1)
      return last ? Promise.resolve(last) : Promise.reject(new Error('no database was created'))
    },
    server: null,
    close: async () => {
      await Promise.all(databases.map((each) => each.close()))
      for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    },
  })
}

/** For `describe.each`: both kinds of database; `missing`: why this machine cannot test it. */
export const databaseKinds = [
  { name: 'embedded', open: embeddedRoom, missing: null },
  { name: 'on PostgreSQL', open: postgresRoom, missing: postgresIsMissing },
]
