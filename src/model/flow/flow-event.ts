import type { ContextFile } from './context-file.js'

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** What a sender says of something that happened. Its id makes it idempotent: the same id names the same happening. */
export interface NewEvent {
  /** 1 to 255 characters. */
  id: string
  /** Such as `upstream.release`; flows match it. */
  type: string
  /** Who noticed it, such as `patch`. */
  source: string
  /** When the sender noticed it, ms since the epoch, UTC; absent: when it arrived here. */
  receivedAt?: number
  payload: Json
  /** Files that travel with the event. */
  context?: readonly ContextFile[]
  /** The flow that it is handed to; absent: every flow whose `on.event` matches. */
  flow?: string
}

/** An event as it is kept. Times in ms since the epoch, UTC. */
export interface FlowEvent {
  id: string
  type: string
  source: string
  receivedAt: number
  payload: Json
  context: readonly ContextFile[]
  /** The flow that it was handed to; null: every flow that matches. */
  flow: string | null
  /** How many flows handed it on, one to the next, before; 0: it came from outside. */
  depth: number
  /** When it arrived here. */
  createdAt: number
  /** Why it started nothing, as text for a reader; null: it started a run. */
  unmatched: string | null
}

/** An event as a list has it: without the content of its files. */
export interface ListedEvent extends Omit<FlowEvent, 'context'> {
  context: readonly Pick<ContextFile, 'name'>[]
}

/** An event that reaches this depth by being handed on is refused: flows that hand on to each other would never end. */
export const maxDepth = 16
export const maxEventIdLength = 255
/** Of the payload as JSON, bytes. */
export const maxPayloadBytes = 1024 * 1024

/**
 * The first field in which a sender's event differs from the one that is kept under its id; null: it is the same event.
 * `receivedAt` is not compared, because a repetition may have another one.
 */
export function differingField(kept: FlowEvent, sent: NewEvent): string | null {
  if (kept.type !== sent.type) return 'type'
  if (kept.source !== sent.source) return 'source'
  if (canonicalJson(kept.payload) !== canonicalJson(sent.payload)) return 'payload'
  if (kept.flow !== (sent.flow ?? null)) return 'flow'
  if (filesOf(kept.context) !== filesOf(sent.context ?? [])) return 'context'
  return null
}

function filesOf(files: readonly ContextFile[]): string {
  return JSON.stringify(
    files.map(({ name, content }) => [name, content]).toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1)),
  )
}

/** JSON text that does not depend on the order of keys. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_key, part: unknown) => (isRecord(part) ? sorted(part) : part))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function sorted(record: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(record).toSorted()
  // A null prototype keeps a key `__proto__` an ordinary one.
  const copy = Object.create(null) as Record<string, unknown>
  for (const key of keys) copy[key] = record[key]
  return copy
}
