import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'

/** Where Slack takes answers. */
export const slackResponseOrigin = 'https://hooks.slack.com'

/** Whether answers may be sent to an address: it comes with a signed request, but only Slack's own host is ever called. */
export function isResponseUrl(text: string, origin: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return url.origin === origin && url.username === '' && url.password === ''
}

/**
 * Encrypts an address for the database: everybody who has it can write into the channel for half an hour. Every process with the same signing secret can
 * decrypt it.
 */
export function sealUrl(url: string, secret: string): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', keyOf(secret), nonce)
  const sealed = Buffer.concat([cipher.update(url, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** Null: it was sealed with another secret. */
export function openUrl(sealed: string, secret: string): string | null {
  const bytes = Buffer.from(sealed, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', keyOf(secret), bytes.subarray(0, 12), { authTagLength: 16 })
  decipher.setAuthTag(bytes.subarray(12, 28))
  const start = decipher.update(bytes.subarray(28), undefined, 'utf8')
  try {
    return start + decipher.final('utf8')
  } catch {
    // The tag does not match: the secret was replaced since.
    return null
  }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', 'orch slack response_url', 32))
}
