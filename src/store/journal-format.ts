import type { Event } from '../model/build/events.js'
import { eventVersion, upcast } from '../model/build/upcast.js'
import type { JournalRecord } from '../model/build/upcast.js'
import type { JournalFault } from '../ports/store.js'

/** The version of the journal's format: that of its events. A header line carries it. */
export const journalVersion = eventVersion

/**
 * The position up to which a journal was read. Each line is in the version of the last header before it: the first line is a header,
 * and a process that resumes a journal of an older version appends a header of its own version before its first event.
 */
export interface JournalPosition {
  /** Number of lines read. */
  lines: number
  /** Version of the lines that follow; null: the first header is still to come. */
  version: number | null
}

export const journalStart: JournalPosition = { lines: 0, version: null }

/** The events of some lines, upcast to the current version, and the position after them. */
export type ParsedLines = { kind: 'events'; events: readonly Event[]; position: JournalPosition } | JournalFault

/** A header line: the first line of a journal, which names the branch, and the first line that a newer version appends. */
export function headerLine(orchestrationId: string, branch?: string): object {
  return { journal: journalVersion, orchestration: orchestrationId, ...(branch === undefined ? {} : { branch }) }
}

/**
 * The branch of a journal, from its first two lines: the first names it; where an earlier orch wrote it without the branch, the first event
 * does. Null: neither does.
 */
export function branchIn([header = '', event = '']: readonly string[]): string | null {
  const named = parseRecord(header)?.branch
  if (typeof named === 'string') return named
  const plan = parseRecord(event)?.plan
  const planned = typeof plan === 'object' && plan !== null && 'branch' in plan ? plan.branch : null
  return typeof planned === 'string' ? planned : null
}

/** The events of a whole journal. */
export function parseJournal(lines: readonly string[], orchestrationId: string): ParsedJournal {
  const parsed = parseLines(lines, journalStart, orchestrationId)
  if (parsed.kind !== 'events') return parsed
  const { version } = parsed.position
  if (version === null) return { kind: 'damaged', line: 1, problem: 'it has no first line' }
  return { kind: 'events', events: parsed.events, version }
}

/** `version`: of the last header in it. */
export type ParsedJournal = { kind: 'events'; events: readonly Event[]; version: number } | JournalFault

/** Reads whole lines that follow a position. Checks the form of events only: whether they could have happened, the fold checks. */
export function parseLines(lines: readonly string[], from: JournalPosition, orchestrationId: string): ParsedLines {
  const events: Event[] = []
  let { version } = from
  for (const [index, text] of lines.entries()) {
    const line = from.lines + index + 1
    const record = parseRecord(text)
    const header = record && parseHeader(record, orchestrationId)
    if (header) {
      if (header.version > journalVersion) return { kind: 'newer', version: header.version }
      if (version !== null && header.version <= version) {
        return {
          kind: 'damaged',
          line,
          problem: `its version ${header.version} is not newer than the version before it`,
        }
      }
      version = header.version
      continue
    }
    if (version === null) {
      return { kind: 'damaged', line, problem: `it is not the first line of a journal of ${orchestrationId}` }
    }
    const event = record && upcast(version, record)
    if (!isEvent(event)) return { kind: 'damaged', line, problem: 'it is not an event' }
    events.push(event)
  }
  return { kind: 'events', events, position: { lines: from.lines + lines.length, version } }
}

function parseRecord(line: string): JournalRecord | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** A header of a newer version may belong to any orchestration: that format may name it otherwise. null: not a header. */
function parseHeader(
  { journal: version, orchestration }: JournalRecord,
  orchestrationId: string,
): { version: number } | null {
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1) return null
  return version > journalVersion || orchestration === orchestrationId ? { version } : null
}

function isEvent(value: JournalRecord | null): value is Event & JournalRecord {
  return value !== null && typeof value.type === 'string' && typeof value.at === 'number'
}
