import {
  ConflictError,
  InvalidRequestError,
  NotAllowedError,
  NotFoundError,
  ServiceError,
  UnauthorizedError,
} from '../errors.js'
import type { FlowClientError } from '../errors.js'

/** The error of a call whose answer is a problem (`application/problem+json`). */
export async function toError(response: Response): Promise<FlowClientError> {
  const { status } = response
  const { detail, field } = await readProblem(response)
  const message = detail ?? `the service answered ${status}`
  switch (status) {
    case 400:
    case 413:
    case 422:
      return new InvalidRequestError(field ?? '', message)
    case 401:
    case 403:
      return new UnauthorizedError(message)
    case 404:
      return new NotFoundError(message)
    case 409:
      return field === undefined ? new NotAllowedError(message) : new ConflictError(field, message)
    default:
      return new ServiceError(status, message)
  }
}

async function readProblem(response: Response): Promise<{ detail?: string; field?: string }> {
  const text = await response.text().catch(() => '')
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null) return {}
    const { detail, field } = value as Record<string, unknown>
    return {
      ...(typeof detail === 'string' ? { detail } : {}),
      ...(typeof field === 'string' ? { field } : {}),
    }
  } catch {
    return {}
  }
}
