import type { SandboxClock } from '../clock.js'

/** GraphQL has a limit of its own, counted in points instead of requests. */
export type RateLimitResource = 'core' | 'graphql'

/** The primary rate limit as its headers and `GET /rate_limit` report it; `reset` in ms, UTC. */
export interface RateLimit {
  limit: number
  used: number
  remaining: number
  reset: number
}

const HOUR = 3_600_000

/** Hourly limits of github.com for a user and for requests without authentication. */
const USER_LIMIT = 5_000
const ANONYMOUS_LIMIT = 60

interface Setting {
  limit: number
  /** Time from one reset to the next (ms). */
  resetMs: number
  status: 403 | 429
}

/** Counts requests or points per account (`null`: without authentication) in windows of an hour. A restart resets the counts. */
export class RateLimits {
  readonly #clock: SandboxClock
  readonly #windows = new Map<string, { used: number; reset: number }>()
  readonly #settings = new Map<string, Setting>()

  constructor(clock: SandboxClock) {
    this.#clock = clock
  }

  read(account: number | null, resource: RateLimitResource = 'core'): RateLimit {
    const { limit } = this.#setting(account, resource)
    const { used, reset } = this.#window(account, resource)
    return { limit, used, remaining: Math.max(0, limit - used), reset }
  }

  /** Returns the status of the answer to an account that has exhausted its limit. */
  exceededStatus(account: number | null): number {
    return this.#setting(account, 'core').status
  }

  count(account: number | null, resource: RateLimitResource = 'core', points = 1): void {
    this.#window(account, resource).used += points
  }

  /** Sets the limit of an account and how much of it remains; its window starts now. */
  set(
    account: number | null,
    given: {
      limit: number
      remaining: number
      resetMs?: number
      status?: 403 | 429
      resource?: RateLimitResource
    },
  ): void {
    const { limit, remaining, resetMs = HOUR, status = 403, resource = 'core' } = given
    this.#settings.set(key(account, resource), { limit, resetMs, status })
    this.#windows.delete(key(account, resource))
    this.#window(account, resource).used = limit - remaining
  }

  #setting(account: number | null, resource: RateLimitResource): Setting {
    const limit = account === null ? ANONYMOUS_LIMIT : USER_LIMIT
    return this.#settings.get(key(account, resource)) ?? { limit, resetMs: HOUR, status: 403 }
  }

  #window(account: number | null, resource: RateLimitResource): { used: number; reset: number } {
    const now = this.#clock.now()
    let window = this.#windows.get(key(account, resource))
    if (window === undefined || window.reset <= now) {
      // The header has whole seconds. Rounding up ensures that a client that waits until then is not early.
      const reset = Math.ceil((now + this.#setting(account, resource).resetMs) / 1000) * 1000
      window = { used: 0, reset }
      this.#windows.set(key(account, resource), window)
    }
    return window
  }
}

function key(account: number | null, resource: RateLimitResource): string {
  return `${account}/${resource}`
}

/** Returns the `x-ratelimit-*` headers for an account's answers. */
export function limitHeaders(
  { limit, remaining, used, reset }: RateLimit,
  resource: RateLimitResource = 'core',
): Record<string, string> {
  return {
    'x-ratelimit-limit': String(limit),
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-used': String(used),
    'x-ratelimit-reset': String(reset / 1000),
    'x-ratelimit-resource': resource,
  }
}
