import { parseDocument } from 'yaml'

/** A YAML mapping as plain JavaScript values. */
export type YamlMap = Record<string, unknown>

export const isMap = (value: unknown): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Converts a scalar of a workflow file to text (null is empty); undefined for a list or mapping. */
export function scalarText(value: unknown): string | undefined {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

type ReadMap = { ok: true; map: YamlMap } | { ok: false; message: string }

/** Maximum number of cached texts. Parsing YAML is the slowest part of a dispatch, and each dispatch reads its workflow file several times. */
const MOST_REMEMBERED = 64
const remembered = new Map<string, ReadMap>()

/** Parses a YAML text whose root is a mapping; `message` says where it is invalid. The values are shared and must not be changed. */
export function readYamlMap(text: string): ReadMap {
  const known = remembered.get(text)
  if (known !== undefined) return known
  const read = parse(text)
  const [oldest] = remembered.keys()
  if (remembered.size >= MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
  remembered.set(text, read)
  return read
}

function parse(text: string): ReadMap {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) return { ok: false, message: error.message }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (failure) {
    // `yaml` throws only a ReferenceError for aliases that expand too far or are undefined.
    if (failure instanceof ReferenceError) return { ok: false, message: failure.message }
    throw failure
  }
  return isMap(value) ? { ok: true, map: value } : { ok: false, message: 'The file is empty or not a YAML mapping.' }
}
