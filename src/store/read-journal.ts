import { readFile } from 'node:fs/promises'
import type { Event } from '../model/build/events.js'
import type { JournalFault } from '../ports/store.js'
import { parseJournal } from './journal-format.js'
import { journalPath } from './paths.js'

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
    content = await readFile(journalPath(stateDirectory, orchestrationId))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'absent' }
    throw error
  }
  return parseContent(content, orchestrationId)
}

function parseContent(content: Buffer, orchestrationId: string): FileReading {
  const wholeBytes = content.lastIndexOf(0x0a) + 1
  const lines = content.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1)
  const parsed = parseJournal(lines, orchestrationId)
  return parsed.kind === 'events' ? { ...parsed, kind: 'read', wholeBytes } : parsed
}
