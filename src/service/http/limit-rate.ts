import type { MiddlewareHandler } from 'hono'
import type { Clock } from '../../ports/clock.js'
import { sendProblem } from './answers.js'
import type { HttpEnv } from './http-env.js'
import { requesterOf } from './login/caller.js'

const minuteMs = 60_000
/** Callers beyond this number replace the ones that were seen first. */
const maxCallers = 10_000
/** What keeps an event or starts an attempt. */
const limitedPaths = /^\/(?:events(?:\/[^/]+\/replay)?|flows\/[^/]+\/handoff)$/u

export interface RateLimitOptions {
  clock: Clock
  /** How many events one caller may send within a minute. They may come all at once. */
  eventsPerMinute: number
}

/** Refuses an event of a caller who sends too many, before anything is kept. Each process counts for itself. Comes after the login. */
export function limitRate(options: RateLimitOptions): MiddlewareHandler<HttpEnv> {
  const { eventsPerMinute } = options
  const take = createBuckets(options)
  return async (c, next) => {
    if (c.req.method !== 'POST' || !limitedPaths.test(c.req.path)) return next()
    const caller = requesterOf(c.var.caller)
    const waitMs = take(caller)
    if (waitMs === null) return next()
    const seconds = Math.ceil(waitMs / 1_000)
    const detail = `This service accepts ${eventsPerMinute} events a minute from ${caller}. Nothing was kept; try again in ${seconds} s.`
    return sendProblem(c, { status: 429, detail, headers: { 'Retry-After': String(seconds) } })
  }
}

/** Takes one event of a caller: null, or how long the caller has to wait, ms. What is allowed grows evenly with the time. */
function createBuckets({ clock, eventsPerMinute }: RateLimitOptions): (caller: string) => number | null {
  const buckets = new Map<string, { left: number; at: number }>()
  const perMs = eventsPerMinute / minuteMs
  return (caller) => {
    const now = clock.now()
    const before = buckets.get(caller) ?? { left: eventsPerMinute, at: now }
    const left = Math.min(eventsPerMinute, before.left + Math.max(0, now - before.at) * perMs)
    buckets.delete(caller)
    buckets.set(caller, { left: left >= 1 ? left - 1 : left, at: now })
    if (buckets.size > maxCallers) {
      const [first = caller] = buckets.keys()
      buckets.delete(first)
    }
    return left >= 1 ? null : (1 - left) / perMs
  }
}
