import type { SandboxClock } from '../clock.js'

/** The primary rate limit as its headers and `GET /rate_limit` give it; `reset` in ms, UTC. */
export interface RateLimit {
  limit: number
  used: number
  remaining: number
  reset: number
}

const HOUR = 3_600_000

/** Limits of github.com for a user and for requests without authentication. */
const USER_LIMIT = 5_000
const ANONYMOUS_LIMIT = 60

/** Counts requests per account (`null`: without authentication) in windows of an hour. It is not kept across restarts. */
export class RateLimits {
  readonly #clock: SandboxClock
  readonly #windows = new Map<number | null, { used: number; reset: number }>()
  readonly #limits = new Map<number | null, number>()

  constructor(clock: SandboxClock) {
    this.#clock = clock
  }

  read(account: number | null): RateLimit {
    const limit = this.#limits.get(account) ?? (account === null ? ANONYMOUS_LIMIT : USER_LIMIT)
    const { used, reset } = this.#window(account)
    return { limit, used, remaining: Math.max(0, limit - used), reset }
  }

  count(account: number | null): void {
    this.#window(account).used++
  }

  /** Sets the limit of an account and how much of it is left in this hour. */
  set(account: number | null, limit: number, remaining = limit): void {
    this.#limits.set(account, limit)
    this.#window(account).used = limit - remaining
  }

  #window(account: number | null): { used: number; reset: number } {
    const now = this.#clock.now()
    let window = this.#windows.get(account)
    if (window === undefined || window.reset <= now) {
      window = { used: 0, reset: now + HOUR }
      this.#windows.set(account, window)
    }
    return window
  }
}
