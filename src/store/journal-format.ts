import type { Event } from '../model/build/events.js'
import type { JournalFault } from '../ports/store.js'

/** The version of the journal's format, in its first line. */
export const journalVersion = 1

/** The first line of a journal. */
export function headerLine(orchestrationId: string): object {
  return { journal: journalVersion, orchestration: orchestrationId }
}

/** What is wrong with the first line of a journal; null: nothing. */
function faultInHeader(line: string, orchestrationId: string): JournalFault | null {
  const { journal: version, orchestration } = parseLine(line) ?? {}
  if (typeof version === 'number' && version > journalVersion) return { kind: 'newer', version }
  if (typeof version === 'number' && version >= 1 && version < journalVersion) return { kind: 'older', version }
  if (version === journalVersion && orchestration === orchestrationId) return null
  return { kind: 'damaged', line: 1, problem: `it does not begin as the journal of ${orchestrationId}` }
}

/** The events of a whole journal. */
export function parseJournal(lines: readonly string[], id: string): ParsedLines {
  if (lines.length === 0) return { kind: 'damaged', line: 1, problem: 'it has no first line' }
  return parseLines(lines, { id, from: 1 })
}

export type ParsedLines = { kind: 'events'; events: Event[] } | JournalFault

/** The events of whole lines. `from`: the number of the first of these lines; line 1 is the header. */
export function parseLines(lines: readonly string[], { id, from }: { id: string; from: number }): ParsedLines {
  const events: Event[] = []
  for (const [index, line] of lines.entries()) {
    const number = from + index
    if (number === 1) {
      const fault = faultInHeader(line, id)
      if (fault) return fault
      continue
    }
    const event = parseLine(line)
    // Its form only: whether it could have happened is for the fold to say.
    if (!isEvent(event)) return { kind: 'damaged', line: number, problem: 'the line is not an event' }
    events.push(event)
  }
  return { kind: 'events', events }
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' && value !== null ? { ...value } : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

function isEvent(value: Record<string, unknown> | null): value is Event & Record<string, unknown> {
  return value !== null && typeof value.type === 'string' && typeof value.at === 'number'
}
