import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import handoffSchema from '../../config/schemas/handoff.schema.json' with { type: 'json' }
import newEventSchema from '../../config/schemas/new-event.schema.json' with { type: 'json' }
import { isTooDeep, maxJsonDepth } from '../lib/json-depth.js'
import { contextProblem } from '../model/flow/context-file.js'
import type { ContextFile } from '../model/flow/context-file.js'
import { maxPayloadBytes } from '../model/flow/flow-event.js'
import type { Json, NewEvent } from '../model/flow/flow-event.js'
import type { HandoffJson, NewEventJson } from '../model/wire/flows.js'

/** What is wrong with a field of a request. */
export interface FieldProblem {
  /** Such as `payload` or `context.files[2].name`; empty: the request as a whole. */
  field: string
  /** One clause. */
  problem: string
  /** Whether the field is too large, which HTTP answers with another status. */
  isTooLarge: boolean
}

export type Checked<Value> = { ok: true; value: Value } | { ok: false; problem: FieldProblem }

let validators: { newEvent: ValidateFunction; handoff: ValidateFunction } | null = null

/** Compiled on first use, because most commands check no request. */
function getValidators(): NonNullable<typeof validators> {
  if (validators) return validators
  const ajv = new Ajv2020({ allErrors: false })
  addFormats.default(ajv)
  validators = { newEvent: ajv.compile(newEventSchema), handoff: ajv.compile(handoffSchema) }
  return validators
}

/** Checks an event that somebody sends. */
export function checkNewEvent(value: unknown): Checked<NewEvent> {
  const problem = schemaProblem(getValidators().newEvent, value)
  if (problem) return { ok: false, problem }
  const { id, type, source, receivedAt, payload, context } = value as NewEventJson
  const texts = firstProblem([
    textProblem('id', id),
    textProblem('type', type),
    textProblem('source', source),
    timeProblem('receivedAt', receivedAt),
  ])
  const more = texts ?? payloadProblem(payload) ?? filesProblem(context?.files)
  if (more) return { ok: false, problem: more }
  const event = { id, type, source, payload: payload as Json, context: context?.files ?? [] }
  return { ok: true, value: receivedAt === undefined ? event : { ...event, receivedAt: Date.parse(receivedAt) } }
}

/** What a handoff brings, checked. `id` undefined: none was given. */
export interface CheckedHandoff {
  id: string | undefined
  payload: Json
  context: readonly ContextFile[]
}

/** Checks what somebody hands to a flow. */
export function checkHandoff(value: unknown): Checked<CheckedHandoff> {
  const problem = schemaProblem(getValidators().handoff, value)
  if (problem) return { ok: false, problem }
  const { id, payload = null, context } = value as HandoffJson
  const more =
    (id === undefined ? null : textProblem('id', id)) ?? payloadProblem(payload) ?? filesProblem(context?.files)
  if (more) return { ok: false, problem: more }
  return { ok: true, value: { id, payload: payload as Json, context: context?.files ?? [] } }
}

function schemaProblem(validate: ValidateFunction, value: unknown): FieldProblem | null {
  if (validate(value)) return null
  const [error] = validate.errors ?? []
  return error ? toFieldProblem(error) : fieldProblem('', 'it is not valid')
}

function toFieldProblem({ instancePath, keyword, params, message }: ErrorObject): FieldProblem {
  const place = fieldOf(instancePath)
  const named = params as Record<string, unknown>
  const inside = (name: unknown): string => (place === '' ? String(name) : `${place}.${String(name)}`)
  if (keyword === 'required') return fieldProblem(inside(named['missingProperty']), 'it is missing')
  if (keyword === 'additionalProperties')
    return fieldProblem(inside(named['additionalProperty']), 'there is no such field')
  if (place === '') return fieldProblem('', 'it must be a JSON object')
  return fieldProblem(place, `it ${message ?? 'is not valid'}`)
}

/** `/context/files/2/name` as `context.files[2].name`. */
function fieldOf(instancePath: string): string {
  return instancePath
    .slice(1)
    .replaceAll('~1', '/')
    .replaceAll('~0', '~')
    .replaceAll(/\/(\d+)(?=\/|$)/gu, '[$1]')
    .replaceAll('/', '.')
}

function textProblem(field: string, text: string): FieldProblem | null {
  // Programs remove such a segment from an address.
  if (field === 'id' && (text === '.' || text === '..')) return fieldProblem(field, 'it is a path, not a name')
  if (/\p{Cc}/u.test(text)) return fieldProblem(field, 'it contains a control character')
  return text.isWellFormed() ? null : fieldProblem(field, 'it is not valid Unicode')
}

/** A schema allows the leap seconds of the past, which the time of a program does not have. */
function timeProblem(field: string, time: string | undefined): FieldProblem | null {
  if (time === undefined || !Number.isNaN(Date.parse(time))) return null
  return fieldProblem(field, 'it is not a time that can be kept')
}

function payloadProblem(payload: unknown): FieldProblem | null {
  if (isTooDeep(payload)) return fieldProblem('payload', `it is nested more than ${maxJsonDepth} levels deep`)
  const bytes = new TextEncoder().encode(JSON.stringify(payload)).length
  if (bytes <= maxPayloadBytes) return null
  return { field: 'payload', problem: `it has ${bytes} bytes as JSON, and the limit is 1 MiB`, isTooLarge: true }
}

function filesProblem(files: readonly ContextFile[] | undefined): FieldProblem | null {
  const found = contextProblem(files ?? [])
  return found && fieldProblem(found.field, found.problem)
}

function fieldProblem(field: string, problem: string): FieldProblem {
  return { field, problem, isTooLarge: false }
}

function firstProblem(problems: readonly (FieldProblem | null)[]): FieldProblem | null {
  return problems.find((problem) => problem !== null) ?? null
}
