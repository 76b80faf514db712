import type { FlowEvent, Json } from './flow-event.js'
import { canonicalJson } from './flow-event.js'

/** A text of a flow file: literal text and `${{ event.* }}` expressions. */
export interface FlowTemplate {
  /** The text as written. */
  source: string
  parts: readonly FlowTemplatePart[]
}

export type FlowTemplatePart = { kind: 'text'; text: string } | { kind: 'expression'; path: readonly string[] }

/** A JSON value of a flow file. Its texts are templates. */
export type TemplateJson =
  | { kind: 'value'; value: null | boolean | number }
  | { kind: 'template'; template: FlowTemplate }
  | { kind: 'list'; items: readonly TemplateJson[] }
  | { kind: 'map'; entries: TemplateEntries }

export type TemplateEntries = readonly (readonly [key: string, value: TemplateJson])[]

/** The fields of an event that an expression may name; `event.payload` may be followed by keys and indexes. */
export const templateFields = ['id', 'type', 'source', 'payload'] as const

/** The event has no value for this expression, which never becomes the empty text silently. */
export interface MissingValue {
  kind: 'missing'
  expression: string
}

/** The text with its expressions replaced: a text stays as it is, and another value becomes JSON. */
export function resolveTemplate(
  template: FlowTemplate,
  event: FlowEvent,
): { kind: 'text'; text: string } | MissingValue {
  let text = ''
  for (const part of template.parts) {
    if (part.kind === 'text') {
      text += part.text
      continue
    }
    const value = valueAt(event, part.path)
    if (value === undefined) return missing(part.path)
    text += typeof value === 'string' ? value : canonicalJson(value)
  }
  return { kind: 'text', text }
}

/** The map with the expressions of its texts replaced. A text that is one expression becomes the value itself. */
export function resolveEntries(
  entries: TemplateEntries,
  event: FlowEvent,
): { kind: 'map'; map: { readonly [key: string]: Json } } | MissingValue {
  // A null prototype keeps a key `__proto__` an ordinary one.
  const map = Object.create(null) as Record<string, Json>
  for (const [key, value] of entries) {
    const resolved = resolveJson(value, event)
    if (resolved.kind === 'missing') return resolved
    map[key] = resolved.value
  }
  return { kind: 'map', map }
}

function resolveJson(json: TemplateJson, event: FlowEvent): { kind: 'value'; value: Json } | MissingValue {
  switch (json.kind) {
    case 'value':
      return json
    case 'template': {
      const [only, ...others] = json.template.parts
      if (only?.kind === 'expression' && others.length === 0) {
        const value = valueAt(event, only.path)
        return value === undefined ? missing(only.path) : { kind: 'value', value }
      }
      const resolved = resolveTemplate(json.template, event)
      return resolved.kind === 'missing' ? resolved : { kind: 'value', value: resolved.text }
    }
    case 'list': {
      const items: Json[] = []
      for (const item of json.items) {
        const resolved = resolveJson(item, event)
        if (resolved.kind === 'missing') return resolved
        items.push(resolved.value)
      }
      return { kind: 'value', value: items }
    }
    case 'map': {
      const resolved = resolveEntries(json.entries, event)
      return resolved.kind === 'missing' ? resolved : { kind: 'value', value: resolved.map }
    }
  }
}

function missing(path: readonly string[]): MissingValue {
  return { kind: 'missing', expression: ['event', ...path].join('.') }
}

/** The value of an expression; undefined: the event has none. */
function valueAt(event: FlowEvent, path: readonly string[]): Json | undefined {
  const [field, ...keys] = path
  const known = templateFields.find((name) => name === field)
  if (known === undefined) return undefined
  let value: Json | undefined = event[known]
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as { readonly [key: string]: Json })[key]
  }
  return value
}
