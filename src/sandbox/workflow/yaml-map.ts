import { parseDocument } from 'yaml'

/** A YAML mapping as plain values. */
export type YamlMap = Record<string, unknown>

export const isMap = (value: unknown): value is YamlMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A scalar of a workflow file as text (null is empty); undefined for a list or mapping. */
export function scalarText(value: unknown): string | undefined {
  if (value === null || value === undefined) return ''
  if (typeof value === 'string') return value
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
}

/** Reads a YAML text whose top is a mapping; `message` says where it cannot be read. */
export function readYamlMap(text: string): { ok: true; map: YamlMap } | { ok: false; message: string } {
  const document = parseDocument(text)
  const [error] = document.errors
  if (error !== undefined) return { ok: false, message: error.message }
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (failure) {
    // `yaml` throws this, and only this, for aliases that explode or name nothing.
    if (failure instanceof ReferenceError) return { ok: false, message: failure.message }
    throw failure
  }
  return isMap(value) ? { ok: true, map: value } : { ok: false, message: 'The file is empty or no YAML mapping.' }
}
