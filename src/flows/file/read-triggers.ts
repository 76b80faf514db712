import { readDuration } from '../../config/duration.js'
import { readBoolean, readFields, readText, readTexts } from '../../config/fields.js'
import { readScheduledTime } from '../../config/schedule.js'
import type { Problems } from '../../config/yaml/problems.js'
import { describe, quote } from '../../config/yaml/value.js'
import type { Entry, Value } from '../../config/yaml/value.js'
import { toJson } from '../../config/yaml/to-json.js'
import { compilePattern } from '../../model/branch-pattern.js'
import type { Json } from '../../model/flow/flow-event.js'
import type { FlowTriggers } from '../../model/flow/flow.js'

/** Why a value is not a JSON Schema, as a clause; null: it is one. */
export type SchemaProblem = (schema: Readonly<Record<string, Json>>) => string | null

const triggerKeys = ['event', 'dispatch', 'schedule', 'poll'] as const
const maxScheduleEntries = 100

/** What starts the flow. Wrong triggers are reported and omitted. */
export function readTriggers(entry: Entry | undefined, schemaProblem: SchemaProblem, problems: Problems): FlowTriggers {
  const none: FlowTriggers = { event: null, dispatch: false, schedule: [], poll: null }
  const fields = entry && readFields(entry.value, triggerKeys, '"on"', problems)
  if (!entry || !fields) return none
  const triggers = {
    event: readEventTrigger(fields.get('event'), schemaProblem, problems),
    dispatch: readBoolean(fields.get('dispatch'), problems) ?? false,
    schedule: readSchedule(fields.get('schedule'), problems),
    poll: readPoll(fields.get('poll'), problems),
  }
  if (!triggerKeys.some((key) => fields.has(key)))
    problems.error(entry.place, 'nothing starts this flow', `add one of ${triggerKeys.join(', ')} below "on"`)
  return triggers
}

function readEventTrigger(
  entry: Entry | undefined,
  schemaProblem: SchemaProblem,
  problems: Problems,
): FlowTriggers['event'] {
  const fields = entry && readFields(entry.value, ['types', 'source', 'payload'], '"event"', problems)
  if (!fields) return null
  const types = readTexts(fields.get('types'), problems) ?? []
  for (const pattern of types) {
    const compiled = compilePattern(pattern.text)
    if (!compiled.ok) problems.error(pattern, `${quote(pattern.text)} is not a valid pattern: ${compiled.problem}`)
  }
  const source = readText(fields.get('source'), problems) ?? null
  return {
    types: types.map(({ text }) => text),
    source,
    payload: readSchema(fields.get('payload'), schemaProblem, problems),
  }
}

function readSchema(
  entry: Entry | undefined,
  schemaProblem: SchemaProblem,
  problems: Problems,
): Readonly<Record<string, Json>> | null {
  if (!entry) return null
  if (entry.value.kind !== 'map') {
    const hint = 'write a JSON Schema, such as { type: object, required: [tag] }'
    problems.error(entry.value, `"payload" must be a map, not ${describe(entry.value)}`, hint)
    return null
  }
  const schema = Object.fromEntries(entry.value.entries.map(({ key, value }) => [key, toJson(value)]))
  const problem = schemaProblem(schema)
  if (problem === null) return schema
  problems.error(entry.value, `"payload" is not a valid JSON Schema: ${problem}`)
  return null
}

function readSchedule(entry: Entry | undefined, problems: Problems): FlowTriggers['schedule'] {
  if (!entry) return []
  if (entry.value.kind !== 'list') {
    problems.error(
      entry.value,
      `"schedule" must be a list, not ${describe(entry.value)}`,
      'write - { cron: "0 6 * * 1-5" }',
    )
    return []
  }
  if (entry.value.items.length > maxScheduleEntries) {
    problems.error(entry.place, `"schedule" has more than ${maxScheduleEntries} entries`)
    return []
  }
  return entry.value.items.flatMap((item) => {
    const fields = readFields(item, ['cron', 'timezone'], 'an entry of "schedule"', problems)
    const time = fields && readScheduledTime(fields, item, problems)
    return time ? [time] : []
  })
}

function readPoll(entry: Entry | undefined, problems: Problems): FlowTriggers['poll'] {
  const fields = entry && readFields(entry.value, ['every', 'command'], '"poll"', problems)
  if (!entry || !fields) return null
  if (!fields.has('every')) problems.error(entry.place, '"poll" has no "every"', 'write every: 5m')
  if (!fields.has('command')) problems.error(entry.place, '"poll" has no "command"', 'write command: [node, poll.js]')
  const every = fields.get('every')
  const everyMs = every && readDuration(every, problems)
  const command = readArgv(fields.get('command')?.value, '"command"', problems)
  return everyMs === undefined || !command ? null : { everyMs, command }
}

/** A program and its arguments. Undefined: absent, or wrong and reported. */
export function readArgv(
  value: Value | undefined,
  what: string,
  problems: Problems,
): readonly [string, ...string[]] | undefined {
  if (!value) return undefined
  if (value.kind !== 'list') {
    problems.error(value, `${what} must be a list of texts, not ${describe(value)}`, 'write [node, poll.js]')
    return undefined
  }
  const texts = value.items.map((item) => (item.kind === 'text' ? item.text : item.kind === 'number' ? item.raw : null))
  const [program, ...args] = texts
  if (!program || args.includes(null)) {
    problems.error(
      value,
      `${what} must be a list of texts, the program first`,
      'put numbers and true or false in quotes',
    )
    return undefined
  }
  return [program, ...args.filter((text) => text !== null)]
}
