import { tokenProblem } from '../../../github/api/token.js'
import type { Failure } from '../../../model/failure.js'
import type { Clock } from '../../../ports/clock.js'
import type { Account } from './caller.js'
import type { Identities } from './identities.js'
import { hashSecret, isSameSecret } from './secrets.js'
import type { WrongTokens } from './wrong-tokens.js'

/** For how long the login of a GitHub token is believed. */
const believedMs = 5 * 60_000
/** Tokens beyond this number replace the ones that were checked first. */
const maxTokens = 1_000

export type TokenCheck =
  | { kind: 'right'; caller: Account }
  | { kind: 'wrong' }
  /** The address has sent too many wrong tokens, and this one was wrong too or was not looked at. */
  | { kind: 'limited'; retryAfterMs: number }
  /** GitHub could not be asked whose token it is. */
  | { kind: 'unavailable'; failure: Failure }

export interface TokenVerifierOptions {
  /** ORCH_API_TOKEN; null: there is no administrator. */
  apiToken: string | null
  identities: Identities
  wrongTokens: WrongTokens
  clock: Clock
}

/** Finds out who a token belongs to. `address`: where it comes from. */
export interface TokenVerifier {
  check(token: string, address: string): Promise<TokenCheck>
}

export function createTokenVerifier({ apiToken, identities, wrongTokens, clock }: TokenVerifierOptions): TokenVerifier {
  // By the hash of the token, which itself is not kept.
  const known = new Map<string, { login: string; until: number }>()
  const limited = (address: string): TokenCheck | null => {
    const retryAfterMs = wrongTokens.retryAfterMs(address)
    return retryAfterMs === null ? null : { kind: 'limited', retryAfterMs }
  }
  const refuse = (address: string): TokenCheck => {
    const answer = limited(address) ?? { kind: 'wrong' }
    wrongTokens.begin(address)?.wrong()
    return answer
  }
  const ask = async (token: string, address: string): Promise<TokenCheck> => {
    const attempt = wrongTokens.begin(address)
    if (!attempt) return limited(address) ?? { kind: 'limited', retryAfterMs: 1_000 }
    const before = limited(address)
    let isWrong = false
    try {
      const read = await identities.login(token)
      if (!read.ok) return { kind: 'unavailable', failure: read.failure }
      isWrong = read.value === null
      if (read.value === null) return before ?? { kind: 'wrong' }
      remember(hashSecret(token), read.value)
      return { kind: 'right', caller: { kind: 'person', login: read.value } }
    } finally {
      if (isWrong) attempt.wrong()
      else attempt.right()
    }
  }
  const remember = (hash: string, login: string): void => {
    known.delete(hash)
    known.set(hash, { login, until: clock.now() + believedMs })
    if (known.size <= maxTokens) return
    const [first = hash] = known.keys()
    known.delete(first)
  }
  return {
    check: (token, address) => {
      if (apiToken !== null && isSameSecret(token, apiToken)) {
        return Promise.resolve({ kind: 'right', caller: { kind: 'administrator' } })
      }
      if (tokenProblem(token) !== null) return Promise.resolve(refuse(address))
      const entry = known.get(hashSecret(token))
      if (entry && entry.until > clock.now()) {
        return Promise.resolve({ kind: 'right', caller: { kind: 'person', login: entry.login } })
      }
      return ask(token, address)
    },
  }
}
