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

/** `sha256=` and the HMAC-SHA256 of `signedText` in hexadecimal digits. */
export const signatureHeader = 'x-orch-signature-256'
export const timestampHeader = 'x-orch-timestamp'

/** What is signed: `<timestamp>.<METHOD>.<path and query>.<body>`. */
export function signedText({ timestamp, method, path, body }: SignedRequest): string {
  return `${timestamp}.${method.toUpperCase()}.${path}.${body}`
}
