import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** The sha256 of a secret: what is kept in its place. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url')
}

/** A text under a key (HMAC-SHA256): only who has the key can make it, and it does not tell the text. */
export function sealSecret(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url')
}

/** Whether two secrets are the same, in a time that does not depend on where they differ. */
export function isSameSecret(one: string, other: string): boolean {
  return timingSafeEqual(Buffer.from(hashSecret(one)), Buffer.from(hashSecret(other)))
}

/** A new secret of 256 bits, as 43 characters that are safe in a cookie and in an address. */
export function createSecret(): string {
  return randomBytes(32).toString('base64url')
}
