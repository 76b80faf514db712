import { createHash } from 'node:crypto'

/** Returns an ID of the results service for this text, in the form of a UUID. */
export function backendId(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}

/** The ID of an attempt. Each attempt has its own, so that it can upload artifacts of the same names again. */
export function attemptBackendId(runId: number, attempt: number): string {
  return backendId(`run ${runId} attempt ${attempt}`)
}
