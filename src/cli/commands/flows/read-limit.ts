import { stop, usageProblem } from '../../../app/problem.js'
import type { Result } from '../../../app/problem.js'

/** How many items a list has at most; default: 50. */
export function readLimit(text: string | undefined): Result<number> {
  if (text === undefined) return { ok: true, value: 50 }
  const limit = /^\d{1,3}$/u.test(text) ? Number(text) : 0
  if (limit >= 1 && limit <= 100) return { ok: true, value: limit }
  return stop(
    usageProblem(`"${text}" is not a valid --limit`, 'it must be a number from 1 to 100', 'Write --limit 50.'),
  )
}
