import { evaluateText } from './expression.js'
import type { Scope } from './expression.js'
import { isTruthy, toNumber } from './expression-value.js'

/** The longest time a timer of Node.js can wait (ms); it takes a longer one as no time at all. */
const longestTimer = 2 ** 31 - 1

/** What a `timeout-minutes` says; undefined when it says no time. */
export function timeLimit(text: string, scope: Scope): { minutes: number; ms: number } | undefined {
  const value = evaluateText(text, scope)
  const minutes = value.ok ? toNumber(value.value) : NaN
  return minutes > 0 ? { minutes, ms: Math.min(minutes * 60_000, longestTimer) } : undefined
}

/** Whether a text such as `continue-on-error` means true; undefined when it cannot be evaluated. */
export function booleanOf(text: string, scope: Scope): boolean | undefined {
  const value = evaluateText(text, scope)
  if (!value.ok) return undefined
  return value.value === 'false' ? false : isTruthy(value.value)
}
