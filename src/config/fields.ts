import { didYouMean } from '../lib/did-you-mean.js'
import type { Problems } from './yaml/problems.js'
import { describe, quote } from './yaml/value.js'
import type { Entry, Value } from './yaml/value.js'

/** The entries of a map by key. */
export interface Fields<K extends string> {
  get(key: K): Entry | undefined
  has(key: K): boolean
}

/**
 * The known keys of a map; unknown keys are reported. A missing value (`repoA:`) is an empty map.
 * undefined: the value is not a map, which is reported. `what` names the map in messages ("job repoA", "the file").
 */
export function readFields<K extends string>(
  value: Value,
  known: readonly K[],
  what: string,
  problems: Problems,
): Fields<K> | undefined {
  const fields = new Map<K, Entry>()
  for (const entry of readEntries(value, what, problems) ?? []) {
    const key = known.find((name) => name === entry.key)
    if (key !== undefined) fields.set(key, entry)
    else problems.error(entry.place, `unknown key ${quote(entry.key)} in ${what}`, () => keyHint(entry.key, known))
  }
  return value.kind === 'map' || value.kind === 'null' ? fields : undefined
}

function keyHint(key: string, known: readonly string[]): string {
  if (key === '<<') return 'merge keys are not supported; write the keys out'
  return didYouMean(key.replaceAll('_', '-'), known) ?? `the keys here are ${known.join(', ')}`
}

/** The entries of a map with arbitrary keys, in file order; undefined: the value is not a map, which is reported. */
export function readEntries(value: Value, what: string, problems: Problems): readonly Entry[] | undefined {
  if (value.kind === 'map') return value.entries
  if (value.kind === 'null') return []
  problems.error(value, `${what} must be a map, not ${describe(value)}`, 'write "key: value" lines below it')
  return undefined
}

/** The text of an entry; undefined: the entry is absent, or not a text, which is reported. */
export function readText(entry: Entry | undefined, problems: Problems): string | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (value.kind === 'text') return value.text
  reportKind(entry, value, 'a text', problems)
  return undefined
}

export function readBoolean(entry: Entry | undefined, problems: Problems): boolean | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (value.kind === 'boolean') return value.boolean
  const yaml11 = value.kind === 'text' && /^(?:yes|no|on|off)$/iu.test(value.text)
  reportKind(entry, value, 'true or false', problems, yaml11 ? 'YAML 1.2 has only true and false' : undefined)
  return undefined
}

export function readNumber(entry: Entry | undefined, problems: Problems): number | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (value.kind === 'number') return value.number
  const isQuoted = value.kind === 'text' && value.text.trim() !== '' && Number.isFinite(Number(value.text))
  reportKind(entry, value, 'a number', problems, isQuoted ? 'remove the quotes' : undefined)
  return undefined
}

/** One text or a list of texts, each with its place; other values are reported and omitted. */
export function readTexts(
  entry: Entry | undefined,
  problems: Problems,
): Extract<Value, { kind: 'text' }>[] | undefined {
  if (!entry) return undefined
  const { value } = entry
  if (value.kind !== 'list' && value.kind !== 'text') {
    reportKind(entry, value, 'a text or a list of texts', problems)
    return undefined
  }
  const texts: Extract<Value, { kind: 'text' }>[] = []
  for (const item of value.kind === 'list' ? value.items : [value]) {
    if (item.kind === 'text') texts.push(item)
    else reportKind(entry, item, 'a list of texts', problems)
  }
  return texts
}

function reportKind(entry: Entry, value: Value, wanted: string, problems: Problems, hint?: string): void {
  if (value.kind === 'null' && value === entry.value) {
    problems.error(entry.place, `${quote(entry.key)} has no value`, `set it to ${wanted}, or remove the key`)
    return
  }
  const isTextMeant = wanted.includes('text') && (value.kind === 'number' || value.kind === 'boolean')
  problems.error(
    value.kind === 'null' ? entry.place : value,
    `${quote(entry.key)} must be ${wanted}, not ${describe(value)}`,
    hint ?? (isTextMeant ? 'put it in quotes' : undefined),
  )
}
