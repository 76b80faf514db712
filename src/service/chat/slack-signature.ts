import { createHmac, timingSafeEqual } from 'node:crypto'

/** Slack's window against replays, ms. */
const windowMs = 5 * 60_000

/** What proves that Slack sent a request. */
export interface SlackSignature {
  /** X-Slack-Request-Timestamp: seconds since the epoch. */
  timestamp: string
  /** X-Slack-Signature: `v0=` and 64 hex digits. */
  signature: string
}

/** Whether the signature is that of the raw body, made with the signing secret in the last five minutes. Takes constant time. */
export function isSignedBySlack(
  { timestamp, signature }: SlackSignature,
  { body, secret, now }: { body: string; secret: string; now: number },
): boolean {
  if (!/^\d{1,12}$/u.test(timestamp) || Math.abs(now - Number(timestamp) * 1000) > windowMs) return false
  const expected = Buffer.from(`v0=${createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex')}`)
  const given = Buffer.from(signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}
