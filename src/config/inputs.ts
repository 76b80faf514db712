import type { Template } from '../model/build/template.js'
import { parseTemplate } from './expression.js'
import { readEntries } from './fields.js'
import type { Place, Problems } from './yaml/problems.js'
import { describe, quote } from './yaml/value.js'
import type { Entry, Value } from './yaml/value.js'

/** A `needs.<job>.…` expression with its place. */
export interface PlacedReference extends Place {
  job: string
}

/** The inputs of one map. */
export interface Inputs {
  templates: ReadonlyMap<string, Template>
  references: readonly PlacedReference[]
}

/** GitHub's limits of a dispatch: POST /repos/{o}/{r}/actions/workflows/{id}/dispatches. */
export const maxInputs = 25
export const maxInputsLength = 65_535

/** Reads a map of inputs: text, numbers and booleans become the text that GitHub receives; a number keeps its spelling. */
export function readInputs(entry: Entry | undefined, what: string, problems: Problems): Inputs {
  const templates = new Map<string, Template>()
  const references: PlacedReference[] = []
  const entries = entry ? (readEntries(entry.value, `"inputs" of ${what}`, problems) ?? []) : []
  for (const input of entries) {
    if (!/^[A-Za-z_][A-Za-z0-9_-]*$/u.test(input.key)) {
      const hint = 'start with a letter or _, followed by letters, digits, - and _'
      problems.error(input.place, `${quote(input.key)} is not a valid input name`, hint)
    }
    const source = inputText(input, problems)
    if (source === undefined) continue
    if (source.length > maxInputsLength) {
      const limit = maxInputsLength.toLocaleString('en')
      problems.error(
        input.place,
        `the input ${quote(input.key)} is longer than the ${limit} characters that GitHub allows`,
      )
      continue
    }
    const parsed = readTemplate(input.value, source, problems)
    references.push(...parsed.references)
    templates.set(input.key, parsed.template)
  }
  return { templates, references }
}

/** Reads the expressions of a text. `source`: the text that GitHub receives for the value. */
export function readTemplate(
  value: Value,
  source: string,
  problems: Problems,
): { template: Template; references: readonly PlacedReference[] } {
  const parsed = parseTemplate(source)
  const locate = createLocator(value, source)
  for (const { start, end, message, hint } of parsed.problems) problems.error(locate(start, end), message, hint)
  const references = parsed.references.map(({ job, start, end }) => ({ job, ...locate(start, end) }))
  return { template: parsed.template, references }
}

function inputText({ key, place, value }: Entry, problems: Problems): string | undefined {
  switch (value.kind) {
    case 'text':
      return value.text
    case 'number':
      return value.raw
    case 'boolean':
      return String(value.boolean)
    case 'null':
      problems.error(place, `the input ${quote(key)} has no value`, 'set it to a text; "" is the empty text')
      return undefined
    default:
      problems.error(value, `the input ${quote(key)} must be a text, a number, true or false, not ${describe(value)}`)
      return undefined
  }
}

/** Maps a range of a text's value to its place in the file; to the whole text where escapes or folding changed it. */
function createLocator(value: Value, source: string): (start: number, end: number) => Place {
  const raw = value.kind === 'text' ? value.raw : ''
  const verbatim = raw.indexOf(source)
  if (verbatim >= 0)
    return (start, end) => ({ start: value.start + verbatim + start, end: value.start + verbatim + end })
  return (start, end) => {
    const stretch = source.slice(start, end)
    const isOnlyOne = source.indexOf(stretch) === source.lastIndexOf(stretch)
    const at = isOnlyOne ? raw.indexOf(stretch) : -1
    return at < 0 ? value : { start: value.start + at, end: value.start + at + stretch.length }
  }
}
