// Reads GitHub's published descriptions from their npm packages, and converts their schemas to JSON Schema.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Keywords of a schema that do not constrain answers. */
const IGNORED = new Set([
  'title',
  'description',
  'example',
  'examples',
  'default',
  'externalDocs',
  'deprecated',
  'readOnly',
])

function read(folder) {
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  return { version, description: JSON.parse(readFileSync(join(folder, 'generated/api.github.com.json'), 'utf8')) }
}

/** Reads the description in the folder of a package (the one of its package.json), or fetches the package with npm. */
export function readDescription(name, version, given) {
  if (given !== undefined) return read(given)
  const folder = mkdtempSync(join(tmpdir(), 'openapi-'))
  try {
    const options = { stdio: 'inherit' }
    execFileSync('npm', ['install', '--silent', '--no-save', '--prefix', folder, `${name}@${version}`], options)
    return read(join(folder, 'node_modules', name))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Converts a schema of OpenAPI to JSON Schema: without the ignored keywords, and with the type `null` instead of `nullable`. The names of the schemas that
 * it refers to are added to `seen`.
 */
export function jsonSchema(schema, seen) {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace('#/components/schemas/', '')
    seen.add(name)
    return { $ref: `#/schemas/${name}` }
  }
  const result = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (IGNORED.has(keyword) || keyword === 'nullable' || keyword.startsWith('x-')) continue
    // GitHub's alternatives overlap (errors without required fields), so `oneOf` would refuse valid answers.
    result[keyword === 'oneOf' ? 'anyOf' : keyword] = convert(keyword, value, seen)
  }
  return schema.nullable === true ? nullable(result) : result
}

function convert(keyword, value, seen) {
  switch (keyword) {
    case 'properties':
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, jsonSchema(inner, seen)]))
    case 'items':
    case 'not':
      return jsonSchema(value, seen)
    case 'additionalProperties':
      return typeof value === 'object' ? jsonSchema(value, seen) : value
    case 'allOf':
    case 'anyOf':
    case 'oneOf':
      return value.map((inner) => jsonSchema(inner, seen))
    default:
      return value
  }
}

function nullable(schema) {
  if (schema.type === undefined) return { anyOf: [schema, { type: 'null' }] }
  const allowed = schema.enum === undefined || schema.enum.includes(null) ? schema.enum : [...schema.enum, null]
  return { ...schema, type: [schema.type, 'null'], ...(allowed && { enum: allowed }) }
}

/** Converts the schemas named in `seen`, and those that they refer to. */
export function componentSchemas(components, seen) {
  const schemas = {}
  // Each schema may add others to `seen`, and the iterator of a Set also visits those.
  for (const name of seen) schemas[name] = jsonSchema(components.schemas[name], seen)
  return schemas
}
