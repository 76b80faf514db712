import { open } from 'node:fs/promises'
import { checkRegular, fileProblem, isAbsent, openForReading } from '../lib/regular-file.js'
import type { Event } from '../model/build/events.js'
import type { JournalFault } from '../ports/store.js'
import { parseJournal } from './journal-format.js'
import { journalPath } from './paths.js'

/** An orchestration of 10,000 jobs writes a tenth of it. */
export const maxJournalBytes = 256 * 1024 * 1024

/** A journal as the disk holds it. */
export type FileReading =
  | {
      kind: 'read'
      events: readonly Event[]
      /** Version of the format in which its last lines are written. */
      version: number
      /** End of the last whole line; a crash may have left a torn one behind it. */
      wholeBytes: number
    }
  | { kind: 'absent' }
  | JournalFault

/** Reads one journal. Rejects when the file is there and cannot be read. */
export async function readJournal(stateDirectory: string, orchestrationId: string): Promise<FileReading> {
  let content: Buffer
  try {
    content = await readContent(journalPath(stateDirectory, orchestrationId))
  } catch (error) {
    if (isAbsent(error)) return { kind: 'absent' }
    throw new Error(fileProblem(error), { cause: error })
  }
  return parseContent(content, orchestrationId)
}

async function readContent(path: string): Promise<Buffer> {
  const file = await open(path, openForReading)
  try {
    checkRegular(await file.stat(), maxJournalBytes)
    return await file.readFile()
  } finally {
    await file.close()
  }
}

function parseContent(content: Buffer, orchestrationId: string): FileReading {
  const wholeBytes = content.lastIndexOf(0x0a) + 1
  const lines = content.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1)
  const parsed = parseJournal(lines, orchestrationId)
  return parsed.kind === 'events' ? { ...parsed, kind: 'read', wholeBytes } : parsed
}
