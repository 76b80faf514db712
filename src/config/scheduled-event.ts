import type { ScheduledAction } from '../model/service-settings.js'
import { readEntries, readFields, readText } from './fields.js'
import type { Problems } from './yaml/problems.js'
import { quote } from './yaml/value.js'
import type { Entry } from './yaml/value.js'
import { toJson } from './yaml/to-json.js'

const maxTextLength = 255

/** `event` of an entry of "schedule". Undefined: it is wrong, which is reported. */
export function readScheduledEvent(entry: Entry, problems: Problems): ScheduledAction | undefined {
  const fields = readFields(entry.value, ['type', 'source', 'payload'], '"event"', problems)
  if (!fields) return undefined
  if (!fields.has('type')) problems.error(entry.place, '"event" has no "type"', 'write event: { type: <name> }')
  const type = readName(fields.get('type'), problems)
  const source = fields.has('source') ? readName(fields.get('source'), problems) : 'schedule'
  const payload = fields.get('payload')
  const entries = payload ? readEntries(payload.value, '"payload"', problems) : []
  if (type === undefined || source === undefined || entries === undefined) return undefined
  return {
    kind: 'event',
    type,
    source,
    payload: Object.fromEntries(entries.map((each) => [each.key, toJson(each.value)])),
  }
}

/** A text as `type` and `source` of an event are. */
function readName(entry: Entry | undefined, problems: Problems): string | undefined {
  const text = readText(entry, problems)
  if (!entry || text === undefined) return undefined
  if (text !== '' && text.length <= maxTextLength && !/\p{Cc}/u.test(text)) return text
  const message = `${quote(entry.key)} must have 1 to ${maxTextLength} characters, without control characters`
  problems.error(entry.value, message)
  return undefined
}
