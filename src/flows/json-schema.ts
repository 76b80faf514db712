import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { failureText } from '../lib/failure-text.js'
import type { SchemaProblem } from './file/read-triggers.js'
import type { CheckPayload } from './match-event.js'

/** Checks payloads against the JSON Schemas (draft 2020-12) of flows. */
export interface PayloadSchemas {
  checkPayload: CheckPayload
  schemaProblem: SchemaProblem
}

export function createPayloadSchemas(): PayloadSchemas {
  // Schemas are not registered by their `$id`, because two flows may use the same one. What a payload inherits, such as
  // `constructor`, does not belong to it.
  const ajv = new Ajv2020({ strict: false, allErrors: false, addUsedSchema: false, ownProperties: true })
  addFormats.default(ajv)
  return {
    checkPayload: (schema, payload) => {
      const validate = ajv.compile(schema)
      return validate(payload) ? null : firstProblem(validate.errors ?? [])
    },
    schemaProblem: (schema) => {
      // Its check would be a promise, which counts as success.
      if (Object.hasOwn(schema, '$async')) return '$async is not supported'
      try {
        ajv.compile(schema)
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
