import type { Clock } from '../../ports/clock.js'
import { withDeadline } from '../http/deadline.js'
import { NotSent } from '../http/no-answer.js'
import type { Redaction } from '../../lib/redaction.js'
import type { Shutdown } from '../http/shutdown.js'

export interface Token {
  /** The token itself. */
  value: string
  /**
   * The identity that the token belongs to, such as an installation's id. An answer to one identity is never shown to another; a refreshed token of the
   * same identity keeps it. The identity is not secret.
   */
  identity: string
  /** ms, UTC; null: the token does not expire, or its expiry is unknown. */
  expiresAt: number | null
}

/** Redaction would replace a shorter value in words of every message. GitHub has never had tokens that short. */
const shortestToken = 8

/**
 * The reason why a text cannot be a token of GitHub, to follow "it has"; null: it can be one. Only visible ASCII is required, as a header
 * can carry it: the length and form of GitHub's tokens have changed before.
 */
export function tokenProblem(value: string): string | null {
  if (/\s/u.test(value)) return 'a space or a line break inside'
  if (!/^[\x21-\x7e]*$/u.test(value)) return 'characters that no token has'
  return value.length < shortestToken ? `fewer than ${shortestToken} characters, which no token has` : null
}

/**
 * Returns the token that is valid now. Called for every request, so a provider keeps a token until it is about to expire. Rejects with
 * TokenUnavailable to say whether it may succeed soon; after any other rejection it may.
 */
export interface TokenProvider {
  (): Promise<Token>
  /** Whether it always returns the same token, so that it is asked once. */
  readonly isFixed?: true
}

/** The provider of one token that never changes. */
export function fixedToken(value: string): TokenProvider {
  const token: Token = { value, identity: 'fixed', expiresAt: null }
  return Object.assign(() => Promise.resolve(token), { isFixed: true } as const)
}

/** Nothing was sent, because the provider gave no usable token. */
export class TokenUnavailable extends NotSent {
  /** Whether the provider may succeed soon. */
  readonly isTransient: boolean
  constructor(message: string, options: ErrorOptions & { isTransient: boolean }) {
    super(message, options)
    this.name = 'TokenUnavailable'
    this.isTransient = options.isTransient
  }
}

export interface TokenSource {
  /** The token for a request that leaves now; null: requests are sent without one. Rejects with TokenUnavailable. */
  current: () => Promise<Token | null>
  /** Whether the provider now returns another token. */
  isReplaced: (token: Token) => Promise<boolean>
}

export interface TokenSourceOptions {
  /** null: requests are sent without a token. */
  provider: TokenProvider | null
  redaction: Redaction
  clock: Clock
  timeoutMs: number
  shutdown: Shutdown
}

export function createTokenSource({ provider, ...options }: TokenSourceOptions): TokenSource {
  if (provider === null) return { current: () => Promise.resolve(null), isReplaced: () => Promise.resolve(false) }
  let pending: Promise<Token> | null = null
  // Requests that leave together call the provider once.
  const current = (): Promise<Token> => {
    pending ??= ask(provider, options).finally(() => {
      if (provider.isFixed !== true) pending = null
    })
    return pending
  }
  return {
    current,
    isReplaced: async (token) => {
      try {
        return (await current()).value !== token.value
      } catch (error) {
        // GitHub's refusal is then the result, and the next request reports the failure of the provider.
        if (error instanceof TokenUnavailable) return false
        throw error
      }
    },
  }
}

async function ask(
  provider: TokenProvider,
  { redaction, clock, timeoutMs, shutdown }: Omit<TokenSourceOptions, 'provider'>,
): Promise<Token> {
  let token: Token
  try {
    token = await shutdown.during((request) => withDeadline(clock, { ms: timeoutMs, request }, provider))
  } catch (error) {
    if (error instanceof TokenUnavailable) throw error
    const message = error instanceof Error ? error.message : String(error)
    throw new TokenUnavailable(message, { cause: error, isTransient: true })
  }
  // The message must not show the value.
  const problem = tokenProblem(token.value)
  if (problem !== null) throw new TokenUnavailable(`it has ${problem}`, { isTransient: false })
  redaction.add(token.value)
  return token
}
