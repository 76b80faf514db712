import type { Concurrency } from '../model/service-settings.js'
import { readFields, readNumber } from './fields.js'
import type { Problems } from './yaml/problems.js'
import type { Entry } from './yaml/value.js'

/** Undefined: absent, or wrong and reported. */
export function readConcurrency(entry: Entry | undefined, problems: Problems): Concurrency | undefined {
  if (!entry || entry.value.kind === 'null') return undefined
  const fields = readFields(entry.value, ['in-all', 'per-repository'], '"concurrency"', problems)
  if (!fields) return undefined
  return {
    inAll: readLimit(fields.get('in-all'), problems),
    perRepository: readLimit(fields.get('per-repository'), problems),
  }
}

function readLimit(entry: Entry | undefined, problems: Problems): number | null {
  const count = readNumber(entry, problems)
  if (count === undefined || !entry) return null
  if (Number.isSafeInteger(count) && count >= 1) return count
  problems.error(entry.value, `"${entry.key}" must be a whole number of at least 1`, 'remove it for no limit')
  return null
}
