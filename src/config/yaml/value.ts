import type { Place } from './problems.js'

/**
 * A value of a YAML file with its place: the rest of this folder sees nothing else of YAML. An alias is the same object as its anchor's
 * value; `readYaml` limits how many values aliases expand to.
 */
export type Value = Place &
  (
    | { kind: 'null' }
    /** `raw` is the text as written, quotes included. */
    | { kind: 'text'; text: string; raw: string }
    | { kind: 'number'; number: number; raw: string }
    | { kind: 'boolean'; boolean: boolean }
    | { kind: 'list'; items: readonly Value[] }
    | { kind: 'map'; entries: readonly Entry[] }
  )

/** One key of a map. Keys are unique within their map. */
export interface Entry {
  key: string
  place: Place
  value: Value
}

/** The value as a message names it: `a list`, `the text "x"`, `the number 3`. */
export function describe(value: Value): string {
  switch (value.kind) {
    case 'null':
      return 'nothing'
    case 'text':
      return `the text ${quote(value.text)}`
    case 'number':
      return `the number ${clip(value.raw)}`
    case 'boolean':
      return String(value.boolean)
    case 'list':
      return 'a list'
    case 'map':
      return 'a map'
  }
}

/** Text of the file for a message: quoted, control characters escaped, at most 60 characters. */
export function quote(text: string): string {
  return JSON.stringify(clip(text))
}

function clip(text: string): string {
  const chars = Array.from(text.slice(0, 200))
  return chars.length <= 60 ? chars.join('') : `${chars.slice(0, 59).join('')}…`
}
