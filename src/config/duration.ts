import { readText } from './fields.js'
import type { Problems } from './yaml/problems.js'
import { quote } from './yaml/value.js'
import type { Entry } from './yaml/value.js'

const units: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000 }
const maxMs = 86_400_000
const hint = 'write it like 30s, 5m or 1h30m; at least 1s and at most 24h'

/** A duration with units, ms. Undefined: it is not one, which is reported. */
export function readDuration(entry: Entry, problems: Problems): number | undefined {
  if (entry.value.kind === 'number') {
    problems.error(entry.value, `${quote(entry.key)} has no unit`, hint)
    return undefined
  }
  const text = readText(entry, problems)
  if (text === undefined) return undefined
  const isDuration = /^(?=\d)(?:\d{1,2}h)?(?:\d{1,4}m)?(?:\d{1,5}s)?$/u.test(text)
  const parts = [...text.matchAll(/(\d+)([hms])/gu)]
  const ms = parts.reduce((sum, [, amount = '', unit = '']) => sum + Number(amount) * (units[unit] ?? 0), 0)
  if (isDuration && ms >= 1_000 && ms <= maxMs) return ms
  problems.error(entry.value, `${quote(entry.key)} must be a duration, not ${quote(text)}`, hint)
  return undefined
}
