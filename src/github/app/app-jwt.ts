import { createPrivateKey, type KeyObject } from 'node:crypto'
import githubAppJwt from 'universal-github-app-jwt'
import type { TokenProvider } from '../api/token.js'

/** Why a text cannot be the private key of a GitHub App, to follow "it is"; null: it can be one. Never holds a part of the text. */
export function privateKeyProblem(text: string): string | null {
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch {
    // The error of the library is not shown: it could quote the key.
    return 'not a private key in PEM format'
  }
  if (key.asymmetricKeyType !== 'rsa') return `a key of the kind ${key.asymmetricKeyType ?? 'secret'}, not RSA`
  return null
}

/**
 * The JSON Web Token of a GitHub App, which ends after ten minutes at most. It is signed anew for each request, so that a wrong clock is
 * corrected as soon as GitHub has answered once.
 * @param now GitHub's time as far as it is known, ms, UTC
 */
export function createAppJwt(app: { id: string; privateKey: string }, now: () => number): TokenProvider {
  return async () => {
    const { token, expiration } = await githubAppJwt({ ...app, now: Math.floor(now() / 1000) })
    return { value: token, identity: `app:${app.id}`, expiresAt: expiration * 1000 }
  }
}
