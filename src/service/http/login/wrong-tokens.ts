import type { Clock } from '../../../ports/clock.js'

/** How many wrong tokens an address may send within `windowMs`. */
const maxWrong = 20
const windowMs = 60_000
/** Addresses beyond this number replace the ones that were seen first. */
const maxAddresses = 10_000

/** One token that is being checked. Exactly one of the methods is called when it is known. */
export interface TokenAttempt {
  right(): void
  wrong(): void
}

/** Counts the wrong tokens of each address. */
export interface WrongTokens {
  /** Whether the address has used up its wrong tokens; `retryAfterMs` null: it has not. */
  retryAfterMs(address: string): number | null
  /**
   * Reserves the check of one token whose answer takes time. Null: the address sends more tokens at once than it may get wrong.
   * An address that has used up its wrong tokens may still check one at a time, so that a right token works.
   */
  begin(address: string): TokenAttempt | null
}

interface Attempts {
  /** ms, UTC, oldest first. */
  wrongAt: number[]
  checking: number
}

export function createWrongTokens(clock: Clock): WrongTokens {
  const byAddress = new Map<string, Attempts>()
  const recent = (address: string): Attempts => {
    const attempts = byAddress.get(keyOf(address)) ?? { wrongAt: [], checking: 0 }
    attempts.wrongAt = attempts.wrongAt.filter((at) => at > clock.now() - windowMs)
    return attempts
  }
  const keep = (address: string, attempts: Attempts): void => {
    const key = keyOf(address)
    byAddress.delete(key)
    if (attempts.wrongAt.length === 0 && attempts.checking === 0) return
    byAddress.set(key, attempts)
    if (byAddress.size <= maxAddresses) return
    const [first = key] = byAddress.keys()
    byAddress.delete(first)
  }
  return {
    retryAfterMs: (address) => {
      const { wrongAt } = recent(address)
      const [oldest] = wrongAt
      return oldest === undefined || wrongAt.length < maxWrong ? null : oldest + windowMs - clock.now()
    },
    begin: (address) => {
      const attempts = recent(address)
      const allowed = Math.max(1, maxWrong - attempts.wrongAt.length)
      if (attempts.checking >= allowed) return null
      attempts.checking += 1
      keep(address, attempts)
      const end = (): void => {
        attempts.checking -= 1
        keep(address, attempts)
      }
      const wrong = (): void => {
        if (attempts.wrongAt.length < maxWrong) attempts.wrongAt.push(clock.now())
        end()
      }
      return { right: end, wrong }
    },
  }
}

/** IPv6 addresses count by their first 64 bits: one machine usually has that many. */
function keyOf(address: string): string {
  return address.includes(':') && !address.includes('.') ? address.split(':').slice(0, 4).join(':') : address
}
