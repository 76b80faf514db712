import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { failureText } from '../lib/failure-text.js'
import type { Json } from '../model/flow/flow-event.js'
import type { SchemaProblem } from './file/read-triggers.js'
import type { CheckPayload } from './match-event.js'

type JsonSchema = Readonly<Record<string, Json>>

/** Checks payloads against the JSON Schemas (draft 2020-12) of flows. */
export interface PayloadSchemas {
  checkPayload: CheckPayload
  schemaProblem: SchemaProblem
}

export function createPayloadSchemas(): PayloadSchemas {
  const compiled = new WeakMap<JsonSchema, ValidateFunction>()
  const compile = (schema: JsonSchema): ValidateFunction => {
    const known = compiled.get(schema)
    if (known) return known
    // Each schema has its own instance, because two flows may use one `$id`.
    const ajv = new Ajv2020({ strict: false, allErrors: false })
    addFormats.default(ajv)
    const validate = ajv.compile(schema)
    compiled.set(schema, validate)
    return validate
  }
  return {
    checkPayload: (schema, payload) => {
      const validate = compile(schema)
      return validate(payload) ? null : firstProblem(validate.errors ?? [])
    },
    schemaProblem: (schema) => {
      try {
        compile(schema)
        return null
      } catch (error) {
        return failureText(error)
      }
    },
  }
}

function firstProblem([first]: readonly ErrorObject[]): string {
  if (!first) return 'it does not match'
  const place = first.instancePath === '' ? 'payload' : `payload${first.instancePath.replaceAll('/', '.')}`
  return `${place} ${first.message ?? 'does not match'}`
}
