import { expressionProblem } from '../expression/expression.js'
import { isMap, scalarText } from './yaml-map.js'
import type { YamlMap } from './yaml-map.js'

/** The keys of a mapping in a workflow file: supported ones, ones without effect in the sandbox, and ones that only GitHub supports. */
export interface KnownKeys {
  read: string[]
  ignored?: string[]
  unsupported?: string[]
}

/** Collects the problems of a workflow file, and its keys without effect, while the file is parsed. */
export class WorkflowReader {
  readonly problems: string[] = []
  readonly ignored: string[] = []

  problem(message: string): void {
    this.problems.push(message)
  }

  /** Returns the value as a mapping. Any other value is a problem, and an empty mapping is returned. */
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

  /** Returns a scalar as text and checks its expressions; undefined if the key is absent. */
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

  /** Returns the texts of a scalar or a list. */
  list(place: string, value: unknown): string[] {
    if (value === undefined || value === null) return []
    const items = Array.isArray(value) ? value : [value]
    return items.flatMap((item) => this.text(place, item) ?? [])
  }
}

/** Removes the properties that are undefined, so that optional ones are absent. */
export function present<T extends object>(properties: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(properties).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> }
}
