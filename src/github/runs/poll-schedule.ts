import { jittered } from '../../lib/jitter.js'
import type { NextReading } from '../../ports/host/builds.js'
import type { Allowance } from '../limits/rate-limit-headers.js'

/** The runs that all orchestrations of this process watch together. */
export interface WatchedRuns {
  /** How many unfinished runs there are. */
  count: number
  /** Whether runs that are read at the same time share one request, which counts; else each is read alone, where an unchanged run does not count. */
  isShared: boolean
  /** What is left of the requests that such readings count among; null: not known, or without end. */
  allowance: Allowance | null
}

/** How dense readings may be and how sparse they become, ms, and how they grow with the time that has passed. */
interface Pace {
  shortest: number
  longest: number
  /** Of the time that has passed. */
  share: number
  /** Before most of a known duration has passed, at least. */
  shortestBefore: number
  longestBefore: number
}

/** Where an unchanged run costs nothing of the hour's limit. The mean delay after the end of a build is half of the interval. */
const alone: Pace = { shortest: 1_000, longest: 30_000, share: 0.01, shortestBefore: 2_000, longestBefore: 30_000 }
/** Where every reading counts, but covers a hundred runs: some 150 requests in the first hour. */
const shared: Pace = { shortest: 4_000, longest: 64_000, share: 0.07, shortestBefore: 8_000, longestBefore: 64_000 }

/** Readings one by one: 300 of the 900 points a minute that GitHub's secondary limit allows. */
const spacing = 60_000 / 300
/** The share of a known duration before which nobody expects the end. */
const earlyShare = 0.7
/** A reading each time a tenth of the distance to the expected end has passed. */
const nearness = 0.1
/** After a reading that found no run, ms, at least: unlike an unchanged run, such an answer counts against the limit. */
const notFoundDelay = 5_000

/** When to read a run next, ms, UTC. Pure: the same question has the same answer. */
export function nextReadingAt(
  { since, usualMs, count, seed, wasFound }: NextReading,
  watched: WatchedRuns,
  now: number,
): number {
  const pace = watched.isShared ? shared : alone
  const wanted = paced(pace, Math.max(0, now - since), usualMs)
  const scarce = stretched(watched, now)
  const next = watched.isShared
    ? nextOnGrid(now, Math.max(wanted, scarce))
    : now + Math.max(jittered(wanted, count, seed), watched.count * spacing, scarce)
  return wasFound ? next : Math.max(next, now + notFoundDelay)
}

function paced(pace: Pace, elapsedMs: number, usualMs: number | undefined): number {
  const usual = between(pace.shortest, pace.share * elapsedMs, pace.longest)
  if (usualMs === undefined) return usual
  const early = earlyShare * usualMs - elapsedMs
  if (early > 0) {
    const sparse = between(pace.shortestBefore, nearness * usualMs, pace.longestBefore)
    return Math.max(pace.shortest, Math.min(sparse, early))
  }
  return Math.min(usual, Math.max(pace.shortest, nearness * Math.abs(usualMs - elapsedMs)))
}

/** From this share of the hour's limit on, readings keep to what is left. */
const scarceShare = 0.2
/** Kept for what comes after the builds: for each run its confirmation and its statuses, and the readings of the change. */
const reservePerRun = 5
const reserve = 20
const longestStretch = 5 * 60_000

/** The interval with which half of what is left of the hour lasts until the next hour begins, ms; 0 while there is plenty. */
function stretched({ count, isShared, allowance }: WatchedRuns, now: number): number {
  if (allowance === null || allowance.remaining >= scarceShare * allowance.size) return 0
  const untilReset = allowance.resetsAt - now
  if (untilReset <= 0) return 0
  const left = allowance.remaining - reserve - reservePerRun * count
  if (left <= 0) return Math.min(longestStretch, untilReset)
  const eachTime = isShared ? Math.ceil(count / 100) : count
  return Math.min(longestStretch, (untilReset * eachTime * 2) / left)
}

/** The finest grid of times at which runs share a request, ms; coarser grids double it, so that their times coincide. */
const step = shared.shortest

/** The next time on the coarsest grid that is not sparser than `interval`, ms, UTC: the same for all runs, processes and orchestrations. */
function nextOnGrid(now: number, interval: number): number {
  let grid = step
  while (grid * 2 <= interval) grid *= 2
  return (Math.floor(now / grid) + 1) * grid
}

/** How much later than a time on the grid still counts as that time, ms: a timer is late, and a reading takes its time to begin. */
const lateness = 500

/** How long a reading that was not planned on the grid waits, ms, so that others share its request; 0: no request is shared, or it is time. */
export function waitForGrid(now: number, { isShared }: Pick<WatchedRuns, 'isShared'>): number {
  const late = now % step
  return !isShared || late < lateness ? 0 : step - late
}

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
