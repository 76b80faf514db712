import { jittered } from '../../lib/jitter.js'
import type { NextReading } from '../../ports/host/builds.js'
import type { Allowance } from '../limits/rate-limit-headers.js'

/** The runs that all orchestrations of this process watch together. */
export interface WatchedRuns {
  /** The number of unfinished runs. */
  count: number
  /** Whether runs that are read at the same time share one request, which counts. Otherwise each is read alone, and an unchanged run does not count. */
  isShared: boolean
  /** The rest of the hourly limit that these readings count against; null: not known, or no limit. */
  allowance: Allowance | null
}

/** The shortest and longest interval between readings, ms, and how the interval grows with the elapsed time. */
interface Pace {
  shortest: number
  longest: number
  /** The interval as a share of the elapsed time. */
  share: number
  /** The shortest interval before most of a known duration has passed, ms. */
  shortestBefore: number
  longestBefore: number
}

/** The pace when an unchanged run does not count against the hourly limit. The mean delay after the end of a build is half of the interval. */
const alone: Pace = { shortest: 1_000, longest: 30_000, share: 0.01, shortestBefore: 2_000, longestBefore: 30_000 }
/** The pace when every reading counts but covers a hundred runs: about 150 requests in the first hour. */
const shared: Pace = { shortest: 4_000, longest: 64_000, share: 0.07, shortestBefore: 8_000, longestBefore: 64_000 }

/** The interval between readings of a run whose progress webhooks report, ms: a lost webhook is noticed after this time. A step of the grid. */
const deliveredIntervalMs = 128_000

/** The spacing of single readings, ms: 300 of the 900 points a minute that GitHub's secondary limit allows. */
const spacing = 60_000 / 300
/** The share of a known duration before which the end is not expected. */
const earlyShare = 0.7
/** The interval as a share of a known duration, for readings before its end. */
const nearness = 0.1
/** The shortest interval after a reading that found no run, ms: unlike an unchanged run, such an answer counts against the limit. */
const notFoundDelay = 5_000

/** A run that is to be read again. */
export interface ScheduledRun extends Omit<NextReading, 'repo' | 'runId'> {
  /** Whether webhooks report its progress. */
  isDelivered: boolean
}

/** When to read a run next, ms, UTC. Pure. */
export function nextReadingAt(
  { since, usualMs, count, seed, wasFound, isDelivered }: ScheduledRun,
  watched: WatchedRuns,
  now: number,
): number {
  const pace = watched.isShared ? shared : alone
  // A run that could not be read may have ended, so it is read as often as any other.
  const wanted = isDelivered && wasFound ? deliveredIntervalMs : paced(pace, Math.max(0, now - since), usualMs)
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

/** Below this share of the hourly limit, readings adapt to the rest. */
const scarceShare = 0.2
/** Requests that are kept for the work after the builds: each run's confirmation and statuses, and the readings of the change. */
const reservePerRun = 5
const reserve = 20
const longestStretch = 5 * 60_000

/** The interval with which half of the remaining requests lasts until the next hour begins, ms; 0 while there is plenty. */
function stretched({ count, isShared, allowance }: WatchedRuns, now: number): number {
  if (allowance === null || allowance.remaining >= scarceShare * allowance.size) return 0
  const untilReset = allowance.resetsAt - now
  if (untilReset <= 0) return 0
  const left = allowance.remaining - reserve - reservePerRun * count
  if (left <= 0) return Math.min(longestStretch, untilReset)
  const eachTime = isShared ? Math.ceil(count / 100) : count
  return Math.min(longestStretch, (untilReset * eachTime * 2) / left)
}

/** The finest grid of times at which runs share a request, ms. Coarser grids double it, so that their times coincide. */
const step = shared.shortest

/** The next time on the coarsest grid that is not sparser than `interval`, ms, UTC: the same for all runs, processes and orchestrations. */
function nextOnGrid(now: number, interval: number): number {
  let grid = step
  while (grid * 2 <= interval) grid *= 2
  return (Math.floor(now / grid) + 1) * grid
}

/** A reading that is late by at most this much still counts as on the grid, ms: timers are late, and a reading takes time to begin. */
const lateness = 500

/** How long a reading that was not planned on the grid waits so that others share its request, ms; 0: no request is shared, or it is on the grid. */
export function waitForGrid(now: number, { isShared }: Pick<WatchedRuns, 'isShared'>): number {
  const late = now % step
  return !isShared || late < lateness ? 0 : step - late
}

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
