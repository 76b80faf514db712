import { parseJson } from '../../lib/parse-json.js'
import type { Json } from '../../model/flow/flow-event.js'
import type { EventPayload } from '../../model/repository-event.js'
import { stop, usageProblem } from '../problem.js'
import type { Result } from '../problem.js'

const example = 'Write it like \'{"tag": "v1.2.3"}\'.'

/** Reads the payload of an event, which must be a JSON object. */
export function parseEventPayload(text: string): Result<EventPayload> {
  const parsed = parseJson(text)
  if (!parsed.ok) return stop(usageProblem('the payload is not valid JSON', parsed.problem, example))
  const { value } = parsed
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const why = 'GitHub takes a JSON object, whose keys a workflow reads as github.event.client_payload.<key>'
    return stop(usageProblem('the payload is not a JSON object', why, example))
  }
  // The value was parsed from JSON, so the cast is safe.
  return { ok: true, value: value as EventPayload }
}

/** Adds `key=value` texts to a payload. A key that it has already is replaced. */
export function withFields(payload: EventPayload, fields: readonly string[]): Result<EventPayload> {
  // A null prototype keeps a key `__proto__` an ordinary one.
  const all = Object.assign(Object.create(null) as Record<string, Json>, payload)
  for (const field of fields) {
    const at = field.indexOf('=')
    if (at <= 0) {
      const why = 'it must be a key, the sign = and a value'
      return stop(usageProblem(`"${field}" is not a valid --field`, why, 'Write it like --field tag=v1.2.3.'))
    }
    all[field.slice(0, at)] = field.slice(at + 1)
  }
  return { ok: true, value: all }
}
