import { expressionProblem } from '../expression/expression.js'
import { isMap, scalarText } from './yaml-map.js'
import type { YamlMap } from './yaml-map.js'

/** What a mapping of a workflow file may hold: keys that are read, keys without effect here, and keys GitHub knows but the sandbox cannot do. */
export interface KnownKeys {
  read: string[]
  ignored?: string[]
  unsupported?: string[]
}

/** Collects what is wrong with a workflow file while it is read, and what of it has no effect. */
export class WorkflowReader {
  readonly problems: string[] = []
  readonly ignored: string[] = []

  problem(message: string): void {
    this.problems.push(message)
  }

  /** The value as a mapping; a mistake (and an empty mapping) when it is none. */
  map(place: string, value: unknown): YamlMap {
    if (value === undefined || value === null) return {}
    if (isMap(value)) return value
    this.problem(`\`${place}\` must be a mapping.`)
    return {}
  }

  keys(place: string, map: YamlMap, known: KnownKeys): void {
    for (const key of Object.keys(map)) {
      const full = place === '' ? key : `${place}.${key}`
      if (known.read.includes(key)) continue
      if (known.ignored?.includes(key) === true) this.ignored.push(full)
      else if (known.unsupported?.includes(key) === true) this.problem(`The sandbox does not support \`${full}\`.`)
      else this.problem(`The sandbox does not know the key \`${full}\`.`)
    }
  }

  /** A scalar as text with sound expressions; undefined when the key is absent. */
  text(place: string, value: unknown, kind: 'text' | 'condition' = 'text'): string | undefined {
    if (value === undefined) return undefined
    const text = scalarText(value)
    if (text === undefined) {
      this.problem(`\`${place}\` must be a text, a number or a boolean.`)
      return undefined
    }
    const problem = expressionProblem(text, kind)
    if (problem !== undefined) this.problem(`\`${place}\`: ${problem}`)
    return text
  }

  texts(place: string, value: unknown): Record<string, string> {
    const entries = Object.entries(this.map(place, value)).map(([name, item]): [string, string] => [
      name,
      this.text(`${place}.${name}`, item) ?? '',
    ])
    return Object.fromEntries(entries)
  }

  /** One text or a list of texts. */
  list(place: string, value: unknown): string[] {
    if (value === undefined || value === null) return []
    const items = Array.isArray(value) ? value : [value]
    return items.flatMap((item) => this.text(place, item) ?? [])
  }
}

/** Only the properties that are not undefined, so that optional ones are absent instead. */
export function present<T extends object>(properties: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
