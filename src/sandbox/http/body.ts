import { failure, found, invalidRequest, refuse } from './answer.js'
import type { Result } from './answer.js'

/** The JSON object in a request's body; empty for a request without a body. */
export type Body = Record<string, unknown>

/** Parses a request's body. Refuses with 400 a body that is not a JSON object. */
export function parseBody(text: string): Result<Body> {
  if (text.trim() === '') return found({})
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(failure(400, 'Problems parsing JSON'))
    throw error
  }
  if (!isObject(value)) return refuse(failure(400, 'Body should be a JSON object'))
  return found(value)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

interface Kinds {
  string: string
  boolean: boolean
  object: Record<string, unknown>
  array: unknown[]
}

/** The type of a field; with `?` the field may be absent or null. */
export type Kind = keyof Kinds | `${keyof Kinds}?`

export type Fields<Shape extends Record<string, Kind>> = {
  [Name in keyof Shape]: Shape[Name] extends `${infer Base extends keyof Kinds}?`
    ? Kinds[Base] | undefined
    : Kinds[Shape[Name] & keyof Kinds]
}

/** Reads the fields of a body that an endpoint accepts; 422 if one is missing or has another type. Unknown fields are ignored unless `strict`. */
export function readFields<Shape extends Record<string, Kind>>(
  body: Body,
  shape: Shape,
  strict: 'strict' | 'lenient' = 'lenient',
): Result<Fields<Shape>> {
  if (strict === 'strict') {
    const unknown = Object.keys(body).filter((name) => !(name in shape))
    if (unknown.length > 0) return refuse(invalidRequest(notPermitted(unknown)))
  }
  const fields: Record<string, unknown> = {}
  for (const [name, kind] of Object.entries(shape)) {
    const value = body[name]
    const optional = kind.endsWith('?')
    if (value === undefined || (value === null && optional)) {
      if (!optional) return refuse(invalidRequest(`"${name}" wasn't supplied.`))
      continue
    }
    const wanted = kind.replace('?', '')
    if (kindOf(value) !== wanted) {
      return refuse(invalidRequest(`For 'properties/${name}', ${JSON.stringify(value)} is not a ${wanted}.`))
    }
    fields[name] = value
  }
  // The cast is safe: each field was checked against its type above.
  return found(fields as Fields<Shape>)
}

function notPermitted(names: string[]): string {
  const list = names.map((name) => `"${name}"`).join(', ')
  return names.length === 1 ? `${list} is not a permitted key.` : `${list} are not permitted keys.`
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
}
