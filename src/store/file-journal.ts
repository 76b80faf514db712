import { constants } from 'node:fs'
import { mkdir, open, truncate } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Event } from '../model/build/events.js'
import type { Journal } from '../ports/journal.js'
import { hideFromGit } from './hide-from-git.js'
import { headerLine, journalVersion } from './lines.js'
import { takeLock } from '../lib/lock-file.js'
import type { Processes } from '../lib/lock-file.js'
import { journalPath, lockPath } from './paths.js'
import { readJournal } from './read-journal.js'
import type { JournalReading } from './read-journal.js'

export { journalDirectory, journalPath, lockPath } from './paths.js'
export { journalVersion } from './lines.js'

/** `held`: the process with this pid drives the orchestration. */
export type OpenedJournal = { kind: 'opened'; journal: Journal } | { kind: 'held'; pid: number }

/** `opened`: with what the journal held then. Else it is left as it is. */
export type ReopenedJournal =
  | { kind: 'opened'; journal: Journal; events: readonly Event[] }
  | { kind: 'held'; pid: number }
  | Exclude<JournalReading, { kind: 'read' }>

/**
 * A new append-only file: a first line with the version, then one event per line, each written whole and synced to the disk before the
 * promise resolves. Readable only by its owner, for branch names and titles may be private. Rejects when the file exists already.
 */
export async function createFileJournal(
  stateDirectory: string,
  orchestrationId: string,
  processes: Processes,
): Promise<OpenedJournal> {
  const path = journalPath(stateDirectory, orchestrationId)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await hideFromGit(stateDirectory)
  return withLock<OpenedJournal>(stateDirectory, orchestrationId, processes, async (release) => {
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600)
    await writeHeader(file, orchestrationId)
    return { kind: 'opened', journal: journalOver(file, release) }
  })
}

/**
 * An existing journal, to go on with; what a crash left behind its last whole line is cut off. It is read only once nobody else can write to
 * it: whoever had it until then may have appended what an earlier reading does not hold. Rejects when it cannot be read or written.
 */
export async function reopenFileJournal(
  stateDirectory: string,
  orchestrationId: string,
  processes: Processes,
): Promise<ReopenedJournal> {
  const path = journalPath(stateDirectory, orchestrationId)
  return withLock<ReopenedJournal>(stateDirectory, orchestrationId, processes, async (release) => {
    const reading = await readJournal(stateDirectory, orchestrationId)
    if (reading.kind !== 'read') {
      await release()
      return reading
    }
    await truncate(path, reading.wholeBytes)
    const file = await open(path, constants.O_WRONLY | constants.O_APPEND)
    // What this process appends is in its own version: a header says so, once.
    if (reading.version < journalVersion) await writeHeader(file, orchestrationId)
    return { kind: 'opened', journal: journalOver(file, release), events: reading.events }
  })
}

/** A second writer would mix two histories: the lock comes before the file. It is given back at once when the opening throws. */
async function withLock<T>(
  stateDirectory: string,
  orchestrationId: string,
  processes: Processes,
  openFile: (release: () => Promise<void>) => Promise<T>,
): Promise<T | { kind: 'held'; pid: number }> {
  const lock = await takeLock(lockPath(stateDirectory, orchestrationId), processes)
  if (lock.kind === 'held') return lock
  try {
    return await openFile(lock.release)
  } catch (error) {
    await lock.release()
    throw error
  }
}

function journalOver(file: FileHandle, release: () => Promise<void>): Journal {
  return {
    append: (event: Event) => writeLine(file, event),
    close: async () => {
      await file.close()
      await release()
    },
  }
}

async function writeHeader(file: FileHandle, orchestrationId: string): Promise<void> {
  try {
    await writeLine(file, headerLine(orchestrationId))
  } catch (error) {
    await file.close()
    throw error
  }
}

async function writeLine(file: FileHandle, value: object): Promise<void> {
  const line = Buffer.from(`${JSON.stringify(value)}\n`)
  const { bytesWritten } = await file.write(line)
  if (bytesWritten < line.length) {
    throw new Error(`only ${bytesWritten} of ${line.length} bytes could be written: is the disk full?`)
  }
  await file.datasync()
}
