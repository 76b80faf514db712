import { constants } from 'node:fs'
import { mkdir, open, truncate } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Event } from '../model/events.js'
import type { Journal } from '../ports/journal.js'
import { hideFromGit } from './hide-from-git.js'
import { takeLock } from './lock.js'
import type { Processes } from './lock.js'

/** The version of the journal's format, in its first line. */
export const journalVersion = 1

/** Where the journals lie below the state directory (`.orch`). */
export function journalDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'orchestrations')
}

export function journalPath(stateDirectory: string, orchestrationId: string): string {
  return join(journalDirectory(stateDirectory), `${orchestrationId}.jsonl`)
}

export function lockPath(stateDirectory: string, orchestrationId: string): string {
  return join(journalDirectory(stateDirectory), `${orchestrationId}.lock`)
}

/** `held`: the process with this pid drives the orchestration. */
export type OpenedJournal = { kind: 'opened'; journal: Journal } | { kind: 'held'; pid: number }

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
  return openLocked(stateDirectory, orchestrationId, processes, async () => {
    const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600)
    await writeLine(file, { journal: journalVersion, orchestration: orchestrationId })
    return file
  })
}

/**
 * An existing journal, to go on with.
 * @param wholeBytes where its last whole line ends (`readJournal`): what a crash left behind it is cut off
 */
export async function reopenFileJournal(
  stateDirectory: string,
  orchestrationId: string,
  wholeBytes: number,
  processes: Processes,
): Promise<OpenedJournal> {
  const path = journalPath(stateDirectory, orchestrationId)
  return openLocked(stateDirectory, orchestrationId, processes, async () => {
    await truncate(path, wholeBytes)
    return open(path, constants.O_WRONLY | constants.O_APPEND)
  })
}

/** A second writer would mix two histories: the lock comes before the file. */
async function openLocked(
  stateDirectory: string,
  orchestrationId: string,
  processes: Processes,
  openFile: () => Promise<FileHandle>,
): Promise<OpenedJournal> {
  const lock = await takeLock(lockPath(stateDirectory, orchestrationId), processes)
  if (lock.kind === 'held') return lock
  try {
    const file = await openFile()
    const journal: Journal = {
      append: (event: Event) => writeLine(file, event),
      close: async () => {
        await file.close()
        await lock.release()
      },
    }
    return { kind: 'opened', journal }
  } catch (error) {
    await lock.release()
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
