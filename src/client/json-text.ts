import { InvalidRequestError } from './errors.js'

/** A value as JSON. Throws an InvalidRequestError for one that JSON cannot express, such as a BigInt or a cycle. */
export function jsonText(value: object): string {
  try {
    return JSON.stringify(value)
  } catch (error) {
    throw new InvalidRequestError('', `it is not JSON: ${error instanceof Error ? error.message : String(error)}`)
  }
}
