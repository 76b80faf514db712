import type { Event } from '../model/build/events.js'

/** The version of the journal's format, in its first line. */
export const journalVersion = 1

/** What keeps a journal from being understood. */
export type JournalFault =
  /** Written by a newer orch, which alone can go on with it. */
  | { kind: 'newer'; version: number }
  /** A whole line, or the first one, is not what orch writes: edited by hand, or a broken disk. */
  | { kind: 'damaged'; line: number; problem: string }

/** The first line of a journal. */
export function headerLine(orchestrationId: string): object {
  return { journal: journalVersion, orchestration: orchestrationId }
}

/** What is wrong with the first line of a journal; null: nothing. */
export function faultInHeader(line: string, orchestrationId: string): JournalFault | null {
  const { journal: version, orchestration } = parseLine(line) ?? {}
  if (typeof version === 'number' && version > journalVersion) return { kind: 'newer', version }
  if (version === journalVersion && orchestration === orchestrationId) return null
  return { kind: 'damaged', line: 1, problem: `it does not begin as the journal of ${orchestrationId}` }
}

/** The event of a line; null: it is none. Its form only: whether it could have happened is for the fold to say. */
export function parseEvent(line: string): Event | null {
  const value = parseLine(line)
  return isEvent(value) ? value : null
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
