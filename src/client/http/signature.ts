import { createHmac } from 'node:crypto'

/** A request as it is signed. */
export interface SignedRequest {
  /** Seconds since the epoch, UTC. */
  timestamp: number
  method: string
  /** With its query, as sent. */
  path: string
  /** Empty: none. */
  body: string
}

/** The value of `x-orch-signature-256`: HMAC-SHA256 over `<timestamp>.<METHOD>.<path and query>.<body>`. */
export function signRequest({ timestamp, method, path, body }: SignedRequest, secret: string): string {
  const text = `${timestamp}.${method.toUpperCase()}.${path}.${body}`
  return `sha256=${createHmac('sha256', secret).update(text).digest('hex')}`
}
