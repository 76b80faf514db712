import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { TailReading } from '../ports/store.js'
import { journalStart, parseLines } from './journal-format.js'
import { journalPath } from './paths.js'

/** Reads a journal while another process appends to it. Writes nothing and takes no lock. */
export interface JournalTail {
  /** The events whose lines became whole since the last call. Rejects when the file is there and cannot be read. */
  read: () => Promise<TailReading>
}

/** The longest piece that is read at once, bytes. */
const longestPiece = 1 << 20

/** The tail of a journal from its first line on. */
export function tailJournal(stateDirectory: string, orchestrationId: string): JournalTail {
  const path = journalPath(stateDirectory, orchestrationId)
  /** End of the last whole line that was read. The rest is read again each time, because a resuming process removes a torn line. */
  let wholeBytes = 0
  let position = journalStart

  const readOnce = async (): Promise<TailReading> => {
    const piece = await readWholeLines(path, wholeBytes)
    if (piece === null) return { kind: 'absent' }
    if (piece === 'truncated') return { kind: 'truncated' }
    const lines = piece.toString('utf8').split('\n').slice(0, -1)
    const parsed = parseLines(lines, position, orchestrationId)
    if (parsed.kind !== 'events') return parsed
    wholeBytes += piece.length
    position = parsed.position
    return { kind: 'events', events: parsed.events }
  }

  return {
    read: async () => {
      const reading = await readOnce()
      // A torn line that was cut off and written over between two reads looks damaged, but only once.
      return reading.kind === 'damaged' ? readOnce() : reading
    },
  }
}

/** The whole lines after `start` (bytes); null: the file does not exist. */
async function readWholeLines(path: string, start: number): Promise<Buffer | 'truncated' | null> {
  let file: FileHandle
  try {
    file = await open(path, 'r')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
  try {
    const { size } = await file.stat()
    if (size < start) return 'truncated'
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
