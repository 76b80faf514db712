import { defaultQuietMs } from '../model/graph.js'
import type { AutoRun } from '../model/graph.js'
import { readDuration } from './duration.js'
import { readBoolean, readFields } from './fields.js'
import type { Problems } from './yaml/problems.js'
import { describe } from './yaml/value.js'
import type { Entry } from './yaml/value.js'

/** Undefined: absent, false, or wrong and reported. */
export function readAutoRun(entry: Entry | undefined, problems: Problems): AutoRun | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (value.kind === 'boolean' || value.kind === 'null') {
    return readBoolean(entry, problems) === true ? { quietMs: defaultQuietMs } : undefined
  }
  if (value.kind !== 'map') {
    problems.error(value, `"auto-run" must be true, false or a map, not ${describe(value)}`, 'write { quiet: 30s }')
    return undefined
  }
  const quiet = readFields(value, ['quiet'], '"auto-run"', problems)?.get('quiet')
  if (!quiet) {
    problems.error(entry.place, '"auto-run" has no "quiet"', 'write { quiet: 30s }, or true')
    return undefined
  }
  const quietMs = readDuration(quiet, problems)
  return quietMs === undefined ? undefined : { quietMs }
}
