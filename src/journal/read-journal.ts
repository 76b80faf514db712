import { readdir, readFile } from 'node:fs/promises'
import type { Event } from '../model/events.js'
import { journalDirectory, journalPath, journalVersion } from './file-journal.js'

/** A journal as it lies on the disk. */
export type JournalReading =
  | {
      kind: 'read'
      events: readonly Event[]
      /** Where the last whole line ends; a crash may have left a torn one behind it. */
      wholeBytes: number
      /** Bytes of the whole file. */
      bytes: number
    }
  | { kind: 'absent' }
  /** Written by a newer orch, which alone can go on with it. */
  | { kind: 'newer'; version: number }
  /** A whole line, or the first one, is not what orch writes: edited by hand, or a broken disk. */
  | { kind: 'damaged'; line: number; problem: string }

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
export async function listJournals(stateDirectory: string): Promise<string[]> {
  try {
    const names = await readdir(journalDirectory(stateDirectory))
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
  const [first, ...rest] = lines.map(parseLine)
  if (!first) return { kind: 'damaged', line: 1, problem: 'it has no first line' }
  const { journal: version, orchestration } = first.value ?? {}
  if (typeof version === 'number' && version > journalVersion) return { kind: 'newer', version }
  if (version !== journalVersion || orchestration !== orchestrationId) {
    return { kind: 'damaged', line: 1, problem: `it does not begin as the journal of ${orchestrationId}` }
  }
  const events: Event[] = []
  for (const [index, { value }] of rest.entries()) {
    if (!isEvent(value)) return { kind: 'damaged', line: index + 2, problem: 'the line is no event' }
    events.push(value)
  }
  return { kind: 'read', events, wholeBytes, bytes: content.length }
}

function parseLine(line: string): { value: Record<string, unknown> | null } {
  try {
    const value: unknown = JSON.parse(line)
    return { value: typeof value === 'object' && value !== null ? { ...value } : null }
  } catch (error) {
    if (error instanceof SyntaxError) return { value: null }
    throw error
  }
}

/** Its form; whether it could have happened is for the fold to say. */
function isEvent(value: Record<string, unknown> | null): value is Event & Record<string, unknown> {
  return value !== null && typeof value.type === 'string' && typeof value.at === 'number'
}
