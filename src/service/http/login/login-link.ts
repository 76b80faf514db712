import { createSecret, isSameSecret } from './secrets.js'

/** The key of a login link that works once. */
export interface LoginLink {
  /** The value of `key` in `/login?key=...`. */
  readonly key: string
  /** `used`: it is the key, but somebody has logged in with it before. */
  use(key: string): 'accepted' | 'used' | 'wrong'
}

export function createLoginLink(): LoginLink {
  const key = createSecret()
  let isUsed = false
  return {
    key,
    use: (given) => {
      if (!isSameSecret(given, key)) return 'wrong'
      if (isUsed) return 'used'
      isUsed = true
      return 'accepted'
    },
  }
}
