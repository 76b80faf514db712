/** An answer does not have the form that the endpoint documents. `requests.ts` turns it into a failure. */
export class UnexpectedShape extends Error {}

export function list(payload: unknown): unknown[] {
  if (!Array.isArray(payload)) throw new UnexpectedShape('it is not a list')
  return payload
}

/** A required key; its value may be anything. */
export function field(payload: unknown, key: string): unknown {
  const value = optional(payload, key)
  if (value === undefined) throw new UnexpectedShape(`${key} is missing`)
  return value
}

export function optional(payload: unknown, key: string): unknown {
  if (typeof payload !== 'object' || payload === null)
    throw new UnexpectedShape(`${key} is missing: it is not an object`)
  return Object.hasOwn(payload, key) ? payload[key as keyof typeof payload] : undefined
}

export function text(payload: unknown, key: string): string {
  const value = field(payload, key)
  if (typeof value !== 'string') throw new UnexpectedShape(`${key} is not a string`)
  return value
}

export function textOrNull(payload: unknown, key: string): string | null {
  return (optional(payload, key) ?? null) === null ? null : text(payload, key)
}

export function textOrEmpty(payload: unknown, key: string): string {
  return textOrNull(payload, key) ?? ''
}

export function flag(payload: unknown, key: string): boolean {
  const value = field(payload, key)
  if (typeof value !== 'boolean') throw new UnexpectedShape(`${key} is not true or false`)
  return value
}

export function count(payload: unknown, key: string): number {
  const value = field(payload, key)
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new UnexpectedShape(`${key} is not a whole number`)
  return value
}

export function knownTime(payload: unknown, key: string): number {
  const ms = Date.parse(text(payload, key))
  if (Number.isNaN(ms)) throw new UnexpectedShape(`${key} is not a time`)
  return ms
}

export function time(payload: unknown, key: string): number | null {
  const value = textOrNull(payload, key)
  const ms = value === null ? NaN : Date.parse(value)
  return Number.isNaN(ms) ? null : ms
}
