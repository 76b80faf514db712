import { readFileSync } from 'node:fs'

import type { ValidateFunction } from 'ajv'
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

function read(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

const text = read('github-openapi.json')
const description = JSON.parse(text) as Description

// The schemas come from OpenAPI and contain keywords that JSON Schema does not define.
const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: true })
addFormatsModule.default(ajv)
ajv.addSchema(JSON.parse(text) as object, 'github')
ajv.addSchema(JSON.parse(read('github-webhooks.json')) as object, 'webhooks')

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
  return validate === undefined ? [`no schema for ${parts.join(' ')}`] : problemsOf(validate, body)
}

/** Validates the payload of a webhook, such as `pull-request-opened`, against GitHub's description. Returns the errors, none for a valid payload. */
export function payloadProblems(webhook: string, payload: unknown): string[] {
  const validate = ajv.getSchema(`webhooks#/webhooks/${webhook}`)
  return validate === undefined ? [`no schema for ${webhook}`] : problemsOf(validate, payload)
}

function problemsOf(validate: ValidateFunction, value: unknown): string[] {
  if (validate(value)) return []
  return (validate.errors ?? []).map(({ instancePath, message, params }) => {
    return `${instancePath || '(body)'} ${message ?? ''} ${JSON.stringify(params)}`
  })
}
