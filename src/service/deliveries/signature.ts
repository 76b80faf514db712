import { verify } from '@octokit/webhooks-methods'

/**
 * Whether one of the secrets made the signature (`X-Hub-Signature-256`) of the raw body. Each comparison takes constant time. Several
 * secrets are valid at once while a secret is being replaced.
 */
export async function isSigned(secrets: readonly string[], body: string, signature: string): Promise<boolean> {
  // GitHub sends no empty body, and the library refuses one.
  if (body === '' || signature === '') return false
  for (const secret of secrets) if (await verify(secret, body, signature)) return true
  return false
}
