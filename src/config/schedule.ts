import { branchNameProblem } from '../model/branch-name.js'
import { compilePattern, matchesBranches } from '../model/branch-pattern.js'
import type { ScheduledAction, ScheduleEntry } from '../model/service-settings.js'
import { cronProblem, isTimeZone } from '../lib/cron.js'
import { readFields, readText } from './fields.js'
import type { Fields } from './fields.js'
import { readScheduledEvent } from './scheduled-event.js'
import type { Problems } from './yaml/problems.js'
import { describe, quote } from './yaml/value.js'
import type { Entry, Value } from './yaml/value.js'

const entryKeys = ['cron', 'timezone', 'run', 'invalidate', 'event'] as const
type EntryKey = (typeof entryKeys)[number]
/** Each entry is looked through for its next time, which may be years away. */
const maxEntries = 100
const actionKeys = ['run', 'invalidate', 'event'] as const

/**
 * The entries of `schedule`, without those that are wrong and reported. Undefined: absent, or not a list.
 * @param branches the branches of coordinated changes
 */
export function readSchedule(
  entry: Entry | undefined,
  branches: readonly string[],
  problems: Problems,
): readonly ScheduleEntry[] | undefined {
  if (!entry || entry.value.kind === 'null') return undefined
  if (entry.value.kind !== 'list') {
    const hint = 'write one line for each entry, such as - { cron: "0 6 * * 1-5", run: DPTA-1122 }'
    problems.error(entry.value, `"schedule" must be a list, not ${describe(entry.value)}`, hint)
    return undefined
  }
  if (entry.value.items.length > maxEntries) {
    const message = `"schedule" has ${entry.value.items.length} entries, but at most ${maxEntries} are allowed`
    problems.error(entry.place, message, 'put several times into one entry, such as 0 6,18 * * *')
    return undefined
  }
  const known = new Set<string>()
  return entry.value.items.flatMap((item) => {
    const read = readScheduleEntry(item, branches, problems)
    if (read === undefined) return []
    const key = JSON.stringify(read)
    if (known.has(key)) problems.error(item, 'the same entry is listed twice', 'list it once')
    known.add(key)
    return [read]
  })
}

function readScheduleEntry(value: Value, branches: readonly string[], problems: Problems): ScheduleEntry | undefined {
  const fields = readFields(value, entryKeys, 'an entry of "schedule"', problems)
  if (!fields) return undefined
  const time = readScheduledTime(fields, value, problems)
  const action = readAction(fields, { value, branches, problems })
  return time === undefined || action === undefined ? undefined : { ...time, action }
}

/** `cron` and `timezone` of an entry of "schedule". Undefined: they are wrong, which is reported. */
export function readScheduledTime(
  fields: Pick<Fields<'cron' | 'timezone'>, 'get'>,
  value: Value,
  problems: Problems,
): Pick<ScheduleEntry, 'cron' | 'timeZone'> | undefined {
  const timeZone = readTimeZone(fields.get('timezone'), problems)
  const cron = readCron(fields.get('cron'), timeZone ?? 'UTC', value, problems)
  return cron === undefined || timeZone === undefined ? undefined : { cron, timeZone }
}

function readTimeZone(entry: Entry | undefined, problems: Problems): string | undefined {
  if (!entry) return 'UTC'
  const name = readText(entry, problems)
  if (name === undefined || isTimeZone(name)) return name
  problems.error(entry.value, `${quote(name)} is not a time zone`, 'write it like Europe/Berlin')
  return undefined
}

const cronHint = 'write minute, hour, day, month and weekday, such as 0 6 * * 1-5'

function readCron(entry: Entry | undefined, timeZone: string, value: Value, problems: Problems): string | undefined {
  if (!entry) {
    problems.error(value, 'the key "cron" is missing in an entry of "schedule"', cronHint)
    return undefined
  }
  const text = readText(entry, problems)
  if (text === undefined) return undefined
  const problem = cronProblem(text, timeZone)
  if (problem === null) return text.trim().replace(/\s+/gu, ' ')
  problems.error(entry.value, `${quote(text)} is not a valid cron expression: ${problem}`, cronHint)
  return undefined
}

function readAction(
  fields: Fields<EntryKey>,
  { value, branches, problems }: { value: Value; branches: readonly string[]; problems: Problems },
): ScheduledAction | undefined {
  const given = actionKeys.flatMap((key) => fields.get(key) ?? [])
  const [first, second] = given
  if (!first) {
    problems.error(
      value,
      'an entry of "schedule" does nothing',
      'add run: <branch>, invalidate: <pattern> or event: { type: <name> }',
    )
    return undefined
  }
  if (second) {
    const message = `${quote(first.key)} and ${quote(second.key)} in one entry of "schedule"`
    problems.error(second.place, message, 'write an entry for each')
    return undefined
  }
  if (first.key === 'run') return readRun(first, branches, problems)
  return first.key === 'invalidate' ? readInvalidate(first, problems) : readScheduledEvent(first, problems)
}

function readRun(entry: Entry, branches: readonly string[], problems: Problems): ScheduledAction | undefined {
  const branch = readText(entry, problems)
  if (branch === undefined) return undefined
  const problem = branchNameProblem(branch)
  if (problem !== undefined) problems.error(entry.value, `${quote(branch)} is not a valid branch name: ${problem}`)
  // Without patterns, that is the mistake.
  else if (branches.length > 0 && !matchesBranches(branches, branch)) {
    const message = `${quote(branch)} is not the branch of a coordinated change`
    problems.error(entry.value, message, 'name a branch that "branches" matches')
  } else return { kind: 'run', branch }
  return undefined
}

function readInvalidate(entry: Entry, problems: Problems): ScheduledAction | undefined {
  const pattern = readText(entry, problems)
  if (pattern === undefined) return undefined
  const compiled = compilePattern(pattern)
  if (pattern.startsWith('!')) {
    problems.error(entry.value, `${quote(pattern)} matches no branch`, 'remove the leading !')
  } else if (!compiled.ok) {
    problems.error(entry.value, `${quote(pattern)} is not a valid branch pattern: ${compiled.problem}`)
  } else return { kind: 'invalidate', pattern }
  return undefined
}
