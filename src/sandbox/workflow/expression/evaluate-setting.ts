import { evaluateText } from './expression.js'
import type { Scope } from './expression.js'
import { isTruthy, toNumber } from './expression-value.js'

/** The longest delay of a Node.js timer (ms). A longer one fires at once. */
const longestTimer = 2 ** 31 - 1

/** Evaluates `timeout-minutes`; undefined if the value is not a time. */
export function timeLimit(text: string, scope: Scope): { minutes: number; ms: number } | undefined {
  const value = evaluateText(text, scope)
  const minutes = value.ok ? toNumber(value.value) : NaN
  return minutes > 0 ? { minutes, ms: Math.min(minutes * 60_000, longestTimer) } : undefined
}

/** Evaluates a boolean setting such as `continue-on-error`; undefined if it cannot be evaluated. */
export function booleanOf(text: string, scope: Scope): boolean | undefined {
  const value = evaluateText(text, scope)
  if (!value.ok) return undefined
  return value.value === 'false' ? false : isTruthy(value.value)
}
