import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import type { Event } from '../model/build/events.js'
import { journalStart, parseLines } from './lines.js'
import type { JournalFault } from './lines.js'
import { journalDirectory, journalPath } from './paths.js'

/** A journal as it lies on the disk. */
export type JournalReading =
  | {
      kind: 'read'
      events: readonly Event[]
      /** The version of its last lines: a process of a newer version appends a header before its first event. */
      version: number
      /** Where the last whole line ends; a crash may have left a torn one behind it. */
      wholeBytes: number
      /** Bytes of the whole file. */
      bytes: number
    }
  | { kind: 'absent' }
  | JournalFault

/** Reads one journal. Rejects when the file is there and cannot be read. */
export async function readJournal(stateDirectory: string, orchestrationId: string): Promise<JournalReading> {
  let content: Buffer
  try {
    content = await readFile(journalPath(stateDirectory, orchestrationId))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { kind: 'absent' }
    throw error
  }
  return parseJournal(content, orchestrationId)
}

/** Ids of all journals, oldest first (an id begins with its time); empty where there is no state yet. */
export function listJournals(stateDirectory: string): string[] {
  try {
    // Without promises: their part of Node would be loaded for a folder that is mostly empty or absent.
    const names = readdirSync(journalDirectory(stateDirectory))
    return names
      .filter((name) => name.endsWith('.jsonl'))
      .map((name) => name.slice(0, -'.jsonl'.length))
      .sort()
  } catch (error) {
    // Something else in the folder's place holds no journal either; whoever wants to write one is told.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))) return []
    throw error
  }
}

function parseJournal(content: Buffer, orchestrationId: string): JournalReading {
  const wholeBytes = content.lastIndexOf(0x0a) + 1
  const lines = content.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1)
  const parsed = parseLines(lines, journalStart, orchestrationId)
  if (parsed.kind !== 'parsed') return parsed
  const { version } = parsed.position
  if (version === null) return { kind: 'damaged', line: 1, problem: 'it has no first line' }
  return { kind: 'read', events: parsed.events, version, wholeBytes, bytes: content.length }
}
