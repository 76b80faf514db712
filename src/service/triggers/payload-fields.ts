/** Fields of a payload, which is untrusted: a missing field and one of another type are both null. */

/** The value at a path of own keys; undefined: there is none. */
export function valueAt(payload: unknown, ...path: readonly string[]): unknown {
  let value = payload
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = value[key as keyof typeof value]
  }
  return value
}

export function textAt(payload: unknown, ...path: readonly string[]): string | null {
  const value = valueAt(payload, ...path)
  return typeof value === 'string' ? value : null
}

export function numberAt(payload: unknown, ...path: readonly string[]): number | null {
  const value = valueAt(payload, ...path)
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : null
}

export function isTrueAt(payload: unknown, ...path: readonly string[]): boolean {
  return valueAt(payload, ...path) === true
}

/** A commit SHA; null: it is not one, or it is GitHub's name for no commit (all zeros). */
export function shaAt(payload: unknown, ...path: readonly string[]): string | null {
  const sha = textAt(payload, ...path)
  return sha !== null && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(sha) && !/^0+$/u.test(sha) ? sha : null
}

/** ms since the epoch, UTC. */
export function timeAt(payload: unknown, ...path: readonly string[]): number | null {
  const ms = Date.parse(textAt(payload, ...path) ?? '')
  return Number.isNaN(ms) ? null : ms
}
