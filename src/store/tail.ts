import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Event } from '../model/build/events.js'
import { journalStart, parseLines } from './lines.js'
import type { JournalFault } from './lines.js'
import { journalPath } from './paths.js'

/** What a journal holds that was not there at the last look. */
export type TailReading =
  | { kind: 'read'; events: readonly Event[] }
  | { kind: 'absent' }
  /** It is shorter than at the last look, although journals only grow. */
  | { kind: 'cut' }
  | JournalFault

/** Reads a journal as it grows, whoever writes it. It writes nothing and takes no lock. */
export interface JournalTail {
  /** The events whose lines became whole since the last call. Rejects when the file is there and cannot be read. */
  read: () => Promise<TailReading>
}

/** The longest piece that is read at once, bytes. */
const longestPiece = 1 << 20

/** Begins before the first line. */
export function tailJournal(stateDirectory: string, orchestrationId: string): JournalTail {
  const path = journalPath(stateDirectory, orchestrationId)
  /** Where the last whole line that was read ends. What stands behind it is read anew each time: a process that resumes cuts a torn line off. */
  let wholeBytes = 0
  let position = journalStart

  const look = async (): Promise<TailReading> => {
    const piece = await readWholeLines(path, wholeBytes)
    if (piece === null) return { kind: 'absent' }
    if (piece === 'cut') return { kind: 'cut' }
    const parsed = parseLines(piece.toString('utf8').split('\n').slice(0, -1), position, orchestrationId)
    if (parsed.kind !== 'parsed') return parsed
    wholeBytes += piece.length
    position = parsed.position
    return { kind: 'read', events: parsed.events }
  }

  return {
    read: async () => {
      const reading = await look()
      // A torn line that was cut off and written over between two reads looks like a damaged one: once.
      return reading.kind === 'damaged' ? look() : reading
    },
  }
}

/** The whole lines from `start` (bytes) on; null: there is no file. */
async function readWholeLines(path: string, start: number): Promise<Buffer | 'cut' | null> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  try {
    const { size } = await file.stat()
    if (size < start) return 'cut'
    const content = Buffer.alloc(size - start)
    let length = 0
    while (length < content.length) {
      const piece = Math.min(longestPiece, content.length - length)
      const { bytesRead } = await file.read(content, length, piece, start + length)
      if (bytesRead === 0) break
      length += bytesRead
    }
    return content.subarray(0, content.subarray(0, length).lastIndexOf(0x0a) + 1)
  } finally {
    await file.close()
  }
}
