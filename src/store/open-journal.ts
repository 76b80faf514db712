import { constants } from 'node:fs'
import { access, mkdir, open, truncate } from 'node:fs/promises'
import { takeLock } from '../lib/lock-file.js'
import type { Processes } from '../lib/lock-file.js'
import type { Driver } from '../model/build/history.js'
import type { CreatedJournal, TakenOverJournal } from '../ports/store.js'
import { driverWith } from './processes.js'
import { hideFromGit } from '../lib/hide-from-git.js'
import { createFileJournal } from './file-journal.js'
import { headerLine, journalVersion } from './journal-format.js'
import { journalDirectory, journalPath, lockPath } from './paths.js'
import { readJournal } from './read-journal.js'

/** The journal to open, and the process that opens it. */
export interface JournalAddress {
  stateDirectory: string
  id: string
  processes: Processes
}

/**
 * A new append-only file, which begins with a line that holds the version of its format and the branch. Readable by its owner only: branch names and titles
 * may be private. Rejects when the file exists already.
 */
export async function createJournal(address: JournalAddress & { branch: string }): Promise<CreatedJournal> {
  const { stateDirectory, id, branch } = address
  await mkdir(journalDirectory(stateDirectory), { recursive: true, mode: 0o700 })
  await hideFromGit(stateDirectory)
  return withLock<CreatedJournal>(address, async (release) => {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND
    const journal = createFileJournal(await open(journalPath(stateDirectory, id), flags, 0o600), release)
    await journal.write(headerLine(id, branch))
    return { kind: 'opened', journal }
  })
}

/**
 * An existing journal, to resume. A torn line behind the last whole one is removed. Rejects when it cannot be read or written.
 */
export async function reopenJournal(address: JournalAddress): Promise<TakenOverJournal> {
  const { stateDirectory, id } = address
  const path = journalPath(stateDirectory, id)
  if (!(await exists(path))) return { kind: 'absent' }
  return withLock<TakenOverJournal>(address, async (release) => {
    const reading = await readJournal(stateDirectory, id)
    if (reading.kind !== 'read') {
      await release()
      return reading
    }
    await truncate(path, reading.wholeBytes)
    const file = await open(path, constants.O_WRONLY | constants.O_APPEND)
    const journal = createFileJournal(file, release)
    // This process appends events of the current version, which one header declares.
    if (reading.version < journalVersion) await journal.write(headerLine(id))
    return { kind: 'opened', journal, events: reading.events }
  })
}

/** Checked before the lock is taken: without the folder the lock could not be written. */
async function exists(path: string): Promise<boolean> {
  try {
    await access(path)
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** The lock comes before the file: a second writer would mix two histories. It is released when the opening throws. */
async function withLock<T>(
  { stateDirectory, id, processes }: JournalAddress,
  openFile: (release: () => Promise<void>) => Promise<T>,
): Promise<T | { kind: 'held'; driver: Driver }> {
  const lock = await takeLock(lockPath(stateDirectory, id), processes)
  if (lock.kind === 'held') return { kind: 'held', driver: driverWith(lock.pid) }
  try {
    return await openFile(lock.release)
  } catch (error) {
    await lock.release()
    throw error
  }
}
