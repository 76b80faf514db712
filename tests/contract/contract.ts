import { readFileSync } from 'node:fs'

import { Ajv } from 'ajv'
import addFormatsModule from 'ajv-formats'

interface DescribedAnswer {
  content?: Record<string, unknown>
  headers?: string[]
}

interface Description {
  source: string
  paths: Record<string, Record<string, Record<string, DescribedAnswer>>>
}

const text = readFileSync(new URL('github-openapi.json', import.meta.url), 'utf8')
const description = JSON.parse(text) as Description

// The schemas come from OpenAPI and contain keywords that JSON Schema does not define.
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true })
addFormatsModule.default(ajv)
ajv.addSchema(JSON.parse(text) as object, 'github')

/** Returns the answers that GitHub's OpenAPI description defines for an endpoint, by status. */
export function describedAnswers(method: string, path: string): Record<string, DescribedAnswer> | undefined {
  return description.paths[path]?.[method.toLowerCase()]
}

/** Validates a body against the description of its endpoint and status. Returns the errors, none for a valid body. */
export function bodyProblems(
  endpoint: { method: string; path: string; status: number; type: string },
  body: unknown,
): string[] {
  const { method, path, status, type } = endpoint
  const parts = ['paths', path, method.toLowerCase(), String(status), 'content', type]
  const pointer = parts.map((part) => part.replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent)
  const validate = ajv.getSchema(`github#/${pointer.join('/')}`)
  if (validate === undefined) return [`no schema for ${parts.join(' ')}`]
  if (validate(body) === true) return []
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${instancePath || '(body)'} ${message ?? ''} ${JSON.stringify(params)}`
  })
}
