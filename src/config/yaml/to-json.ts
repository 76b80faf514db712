import type { Json } from '../../model/flow/flow-event.js'
import type { Value } from './value.js'

/** A value of the file as JSON, without expressions. */
export function toJson(value: Value): Json {
  switch (value.kind) {
    case 'null':
      return null
    case 'boolean':
      return value.boolean
    case 'number':
      return value.number
    case 'text':
      return value.text
    case 'list':
      return value.items.map(toJson)
    case 'map':
      return Object.fromEntries(value.entries.map((entry) => [entry.key, toJson(entry.value)]))
  }
}
