import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { failureText } from '../../../lib/failure-text.js'
import { hideFromGit } from '../../../lib/hide-from-git.js'
import { findLockOwner, takeLock } from '../../../lib/lock-file.js'
import type { Processes } from '../../../lib/lock-file.js'
import { packageRoot } from '../../../lib/package-root.js'
import type { Connections } from '../connections.js'
import type { DatabaseRefusal } from '../refusal.js'
import { codeOf } from '../unreachable.js'
import { loadPGlite, openPGlite } from './pglite-session.js'
import type { PGliteLibrary } from './pglite-session.js'
import { SessionStream } from './session-stream.js'
import { SharedSession } from './shared-session.js'
import { unpackArchive } from './unpack-archive.js'

export interface EmbeddedOptions {
  /** Absolute path of the state directory (`.orch`). The database lies in `service` below it. */
  stateDirectory: string
  processes: Processes
}

/** What a new data directory starts as; `npm run build` makes it (docs/decisions/0032-embedded-database.md). */
const templateUrl = new URL('dist/database-template.tar.gz', packageRoot())

/**
 * Opens the embedded database for this process alone: two processes on one directory would overwrite each other's rows without an error.
 * The folder is readable by its owner only.
 */
export async function openEmbedded(
  options: EmbeddedOptions,
): Promise<{ kind: 'opened'; connections: Connections } | DatabaseRefusal> {
  const directory = join(options.stateDirectory, 'service')
  const library = await loadPGlite()
  if (library === null) return isAbsent
  try {
    return await openLocked(library, directory, options)
  } catch (error) {
    return cannotOpen(directory, error)
  }
}

/** The living process that has the embedded database; null: none. */
export async function findEmbeddedOwner({ stateDirectory, processes }: EmbeddedOptions): Promise<number | null> {
  const owner = await findLockOwner(join(stateDirectory, 'service', lockName), processes)
  return owner?.pid ?? null
}

const lockName = 'database.lock'

async function openLocked(
  library: PGliteLibrary,
  directory: string,
  { stateDirectory, processes }: EmbeddedOptions,
): Promise<{ kind: 'opened'; connections: Connections } | DatabaseRefusal> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  await hideFromGit(stateDirectory)
  const lock = await takeLock(join(directory, lockName), processes)
  if (lock.kind === 'held') return isHeld(directory, lock.pid)
  const session = new SharedSession(() => openData(library, directory))
  try {
    await session.start()
  } catch (error) {
    await lock.release()
    throw error
  }
  const close = async (): Promise<void> => {
    await session.close()
    await lock.release()
  }
  return { kind: 'opened', connections: connectionsTo(session, directory, close) }
}

function connectionsTo(session: SharedSession, directory: string, close: () => Promise<void>): Connections {
  return {
    kind: 'embedded',
    location: directory,
    clientConfig: () => ({
      stream: () => new SessionStream(session),
      // Named here, so that no variable of the environment is read.
      host: 'localhost',
      user: 'postgres',
      database: 'postgres',
      ssl: false,
    }),
    close,
  }
}

/** A directory that was not made to its end has never held anything, so it is made again. */
async function openData(library: PGliteLibrary, directory: string): ReturnType<typeof openPGlite> {
  const dataDirectory = join(directory, 'database')
  const unfinished = join(directory, 'database.unfinished')
  if (existsSync(unfinished)) await rm(dataDirectory, { recursive: true, force: true })
  if (existsSync(dataDirectory)) return openPGlite(library, dataDirectory)
  await writeFile(unfinished, '')
  // It is absent when orch runs from its source and has not been built.
  if (existsSync(templateUrl)) await unpackArchive(await readFile(templateUrl), dataDirectory)
  const session = await openPGlite(library, dataDirectory)
  await rm(unfinished)
  return session
}

const isAbsent: DatabaseRefusal = {
  kind: 'refused',
  why: 'absent',
  problem: 'the embedded database is not installed',
  remedy:
    'Install it beside orch, the same way: npm install @electric-sql/pglite@0.5. Or use PostgreSQL with --database.',
}

function isHeld(directory: string, pid: number): DatabaseRefusal {
  return {
    kind: 'refused',
    why: 'held',
    pid,
    problem: `the database in ${directory} is used by process ${pid}`,
    remedy: 'End that process, or use PostgreSQL with --database: several processes can share it.',
  }
}

function cannotOpen(directory: string, error: unknown): DatabaseRefusal {
  const problem = `the database in ${directory} cannot be opened: ${failureText(error)}`
  const code = codeOf(error)
  if (code === 'ENOSPC' || /no space left on device/iu.test(problem)) {
    return { kind: 'refused', why: 'disk-full', problem, remedy: 'Free space on the disk, and start again.' }
  }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR'].includes(code)) {
    return { kind: 'refused', why: 'rejected', problem, remedy: `Give this user write access to ${directory}.` }
  }
  const remedy = `Restore ${directory} from a backup, or move it away to start with an empty database.`
  return { kind: 'refused', why: 'damaged', problem, remedy }
}
