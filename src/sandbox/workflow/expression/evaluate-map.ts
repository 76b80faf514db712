import { interpolate } from './expression.js'
import type { Evaluated, Scope } from './expression.js'

/** Evaluates the expressions in each value of a mapping. */
export function evaluateMap(map: Record<string, string>, scope: Scope): Evaluated<Record<string, string>> {
  const values: [string, string][] = []
  for (const [name, text] of Object.entries(map)) {
    const value = interpolate(text, scope)
    if (!value.ok) return value
    values.push([name, value.value])
  }
  return { ok: true, value: Object.fromEntries(values) }
}
