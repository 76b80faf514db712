import { constants } from 'node:fs'
import { mkdir, open, writeFile } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Event } from '../model/events.js'
import type { Journal } from '../ports/journal.js'

/** The version of the journal's format, in its first line. */
const journalVersion = 1

/** Where the journal of an orchestration lies below the state directory (`.orch`). */
export function journalPath(stateDirectory: string, orchestrationId: string): string {
  return join(stateDirectory, 'orchestrations', `${orchestrationId}.jsonl`)
}

/**
 * A new append-only file: a first line with the version, then one event per line, each written whole and synced to the disk before the
 * promise resolves. Readable only by its owner, for branch names and titles may be private. Rejects when the file exists already.
 */
export async function createFileJournal(stateDirectory: string, orchestrationId: string): Promise<Journal> {
  const path = journalPath(stateDirectory, orchestrationId)
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  await hideFromGit(stateDirectory)
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_APPEND, 0o600)
  await writeLine(file, { journal: journalVersion, orchestration: orchestrationId })
  return {
    append: (event: Event) => writeLine(file, event),
    close: () => file.close(),
  }
}

async function writeLine(file: FileHandle, value: object): Promise<void> {
  const line = Buffer.from(`${JSON.stringify(value)}\n`)
  const { bytesWritten } = await file.write(line)
  if (bytesWritten < line.length)
    throw new Error(`only ${bytesWritten} of ${line.length} bytes could be written: is the disk full?`)
  await file.datasync()
}

/** The state directory stands in somebody's checkout: it must never be committed by chance. */
async function hideFromGit(stateDirectory: string): Promise<void> {
  try {
    await writeFile(join(stateDirectory, '.gitignore'), '*\n', { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
