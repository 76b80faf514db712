import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formats from 'ajv-formats'

/** The published schemas allow fields that come later; a test does not: what is printed must be documented. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => [key, closed(value)])
  return {
    ...Object.fromEntries(entries),
    ...('properties' in schema ? { additionalProperties: false } : {}),
  }
}

/** A schema takes longer to compile than a document to check. */
const checks = new Map<string, (document: unknown) => string[]>()

/** Finds the errors of a document against `config/schemas/<name>.schema.json`; an undocumented field is an error. */
export function createSchemaCheck(name: string): (document: unknown) => string[] {
  const check = checks.get(name) ?? compileCheck(name)
  checks.set(name, check)
  return check
}

function compileCheck(name: string): (document: unknown) => string[] {
  const text = readFileSync(new URL(`../../../config/schemas/${name}.schema.json`, import.meta.url), 'utf8')
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true })
  formats.default(ajv)
  const validate = ajv.compile(closed(JSON.parse(text)) as object)
  return (document) => {
    validate(document)
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`)
  }
}
