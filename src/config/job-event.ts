import { markerInput } from '../model/build/marker.js'
import type { TemplateEntries, TemplateJson } from '../model/build/template.js'
import type { JobEvent } from '../model/graph.js'
import { eventLimits, eventTypeProblem } from '../model/repository-event.js'
import { readText } from './fields.js'
import { readTemplate } from './inputs.js'
import type { PlacedReference } from './inputs.js'
import type { Place, Problems } from './yaml/problems.js'
import { describe, quote } from './yaml/value.js'
import type { Entry, Value } from './yaml/value.js'

export const eventKeys = ['event-type', 'payload'] as const

/** The keys of a job that decide what starts it. */
export interface JobStart {
  get(key: (typeof eventKeys)[number] | 'workflow' | 'inputs'): Entry | undefined
}

export interface ReadJobEvent {
  event: JobEvent
  references: readonly PlacedReference[]
}

/** The event of a job; undefined: it has none, or a wrong type, which is reported. `what` names the job. */
export function readJobEvent(fields: JobStart, what: string, problems: Problems): ReadJobEvent | undefined {
  const [typeEntry, payload] = [fields.get('event-type'), fields.get('payload')]
  if (!typeEntry) {
    if (payload)
      problems.error(payload.place, `${what} has a "payload", but no "event-type"`, 'use inputs for a workflow')
    return undefined
  }
  const [workflow, inputs] = [fields.get('workflow'), fields.get('inputs')]
  if (workflow) {
    const hint = 'remove one: an event starts the workflow that waits for its type'
    problems.error(workflow.place, `${what} has both a "workflow" and an "event-type"`, hint)
  }
  if (inputs) problems.error(inputs.place, `${what} has an "event-type", so that nothing reads "inputs"`, 'use payload')
  const type = readType(typeEntry, problems)
  const references: PlacedReference[] = []
  const entries = payload ? readPayload(payload, references, problems) : []
  return type === undefined ? undefined : { event: { type, payload: entries }, references }
}

function readType(entry: Entry, problems: Problems): string | undefined {
  const text = readText(entry, problems)
  if (text === undefined) return undefined
  if (text.includes('${{')) {
    problems.error(entry.value, 'expressions are not replaced in "event-type"', 'put the value into payload')
    return undefined
  }
  const problem = eventTypeProblem(text)
  if (problem === undefined) return text
  problems.error(entry.value, `${quote(text)} is not a valid event type: ${problem}`)
  return undefined
}

function readPayload({ value, place }: Entry, references: PlacedReference[], problems: Problems): TemplateEntries {
  if (value.kind === 'null') return []
  if (value.kind !== 'map') {
    problems.error(value, `"payload" must be a map, not ${describe(value)}`, 'write "key: value" lines below it')
    return []
  }
  const own = value.entries.find(({ key }) => key === markerInput)
  if (own)
    problems.error(own.place, `the key ${quote(markerInput)} belongs to orch, which finds the run by it`, 'rename it')
  checkSize(value, place, problems)
  return readEntries(value.entries, references, problems)
}

/** One key is left for the marker. */
function checkSize(value: Extract<Value, { kind: 'map' }>, place: Place, problems: Problems): void {
  const { payloadKeys, payloadBytes } = eventLimits
  const count = value.entries.length
  if (count >= payloadKeys) {
    const message = `"payload" has ${count} keys, but GitHub allows ${payloadKeys}, one of which is ${markerInput}`
    problems.error(place, message, 'put several values into one map')
  }
  if (value.end - value.start >= payloadBytes)
    problems.error(place, `"payload" is longer than the ${payloadBytes.toLocaleString('en')} bytes that GitHub allows`)
}

function readEntries(
  entries: readonly Entry[],
  references: PlacedReference[],
  problems: Problems,
): [string, TemplateJson][] {
  return entries.map(({ key, value }) => [key, readJson(value, references, problems)])
}

function readJson(value: Value, references: PlacedReference[], problems: Problems): TemplateJson {
  switch (value.kind) {
    case 'null':
      return { kind: 'value', value: null }
    case 'boolean':
      return { kind: 'value', value: value.boolean }
    case 'number':
      return { kind: 'value', value: value.number }
    case 'text': {
      const read = readTemplate(value, value.text, problems)
      references.push(...read.references)
      return { kind: 'template', template: read.template }
    }
    case 'list':
      return { kind: 'list', items: value.items.map((item) => readJson(item, references, problems)) }
    case 'map':
      return { kind: 'map', entries: readEntries(value.entries, references, problems) }
  }
}
