import { createHash } from 'node:crypto'
import type { RunWatch } from '../../../ports/host/builds.js'

/** From a dispatch to the first look at its run, ms: late enough that it has mostly begun, so that a short build takes two answers that count. */
export const firstObservationDelay = 2_000

const growth = 1.5
const shortestDelay = 1_000
const longestDelay = 30_000
const jitter = 0.2

/** From one look at the failed run of a settled job, which somebody may run again by hand, to the next, ms. */
export const settledWatchDelay = 30_000

/** From the start to the first reading of the change while its builds run, ms: soon, for somebody else may have started at the same moment. */
export const firstWatchDelay = 10_000

/** From a reading that found the change moved to the one that confirms it, ms: longer than a replica lags. */
export const confirmationDelay = 5_000

/** A change is read again at least every 30 s while it is built: from the end of one reading to the next, ms. */
const longestWatchDelay = 26_000

/** From a look that told nothing to the next, ms, at least: unlike an unchanged run, such an answer counts against the limit. */
export const unclearLookDelay = 5_000

/** From one reading of the change to the next while its builds run, ms: 20 to 26 s. */
export function watchDelay(count: number, seed: string): number {
  return Math.round(longestWatchDelay - 6_000 * chanceOf(count, seed))
}

/**
 * From one question that is repeated to the next, ms: 1.5 s and growing by half each time up to 30 s, 20 % more or less, so that
 * many do not ask in step. The jitter comes from the seed, not from chance: the same orchestration waits the same way.
 * @param count how often it was asked
 * @param seed names the question, such as the orchestration's id and the job
 */
export function observationDelay(count: number, seed: string): number {
  return spread(Math.min(longestDelay, shortestDelay * growth ** Math.min(count, 20)), count, seed)
}

/** What the time of the next look at a run follows. Durations are in ms. */
export interface LookQuestion {
  /** ms, UTC. */
  now: number
  /** How long ago its present attempt was dispatched, or first seen. */
  elapsedMs: number
  /** How long it usually takes from the dispatch to the end; left out: not known. */
  usualMs?: number | undefined
  watch: RunWatch
  /** How many looks there were. */
  count: number
  /** Names the run. */
  seed: string
}

/** How dense looks may be and how sparse they become, ms, and how they grow with the time that has passed. */
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
/** Where every look counts, but stands for a hundred runs: some 150 requests in the first hour. */
const together: Pace = { shortest: 4_000, longest: 64_000, share: 0.07, shortestBefore: 8_000, longestBefore: 64_000 }

/** Readings one by one: 300 of the 900 points a minute that GitHub's secondary limit allows. */
const spacing = 60_000 / 300
/** The share of a known duration before which nobody expects the end. */
const earlyShare = 0.7
/** A look each time a tenth of the distance to the expected end has passed. */
const nearness = 0.1

/** When to look at a running run again, ms, UTC. Pure: the same question has the same answer. */
export function nextLookAt({ now, elapsedMs, usualMs, watch, count, seed }: LookQuestion): number {
  const pace = watch.isTogether ? together : alone
  const wanted = paced(pace, Math.max(0, elapsedMs), usualMs)
  const scarce = stretched(watch, now)
  if (watch.isTogether) return nextInStep(now, Math.max(wanted, scarce))
  return now + Math.max(spread(wanted, count, seed), watch.runs * spacing, scarce)
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

/** The interval with which half of what is left of the hour lasts until it begins anew, ms; 0 while there is plenty. */
function stretched({ runs, isTogether, allowance }: RunWatch, now: number): number {
  if (allowance === null || allowance.remaining >= scarceShare * allowance.size) return 0
  const untilReset = allowance.resetsAt - now
  if (untilReset <= 0) return 0
  const left = allowance.remaining - reserve - reservePerRun * runs
  if (left <= 0) return Math.min(longestStretch, untilReset)
  const eachTime = isTogether ? Math.ceil(runs / 100) : runs
  return Math.min(longestStretch, (untilReset * eachTime * 2) / left)
}

/** The finest grid on which runs that are read together are looked at, ms; the others double it, so that their looks coincide. */
const step = together.shortest

/** The next moment on the coarsest grid that is not sparser than `interval`, ms, UTC: the same for all runs, processes and orchestrations. */
function nextInStep(now: number, interval: number): number {
  let grid = step
  while (grid * 2 <= interval) grid *= 2
  return (Math.floor(now / grid) + 1) * grid
}

/** How much later than a moment of the grid still counts as that moment, ms: a timer is late, and a look takes its time to begin. */
const lateness = 500

/** How long to wait before a look that was not planned on the grid, ms, so that others share it; 0: none is read together, or it is time. */
export function waitForOthers(now: number, { isTogether }: RunWatch): number {
  const late = now % step
  return !isTogether || late < lateness ? 0 : step - late
}

function between(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}

function spread(delay: number, count: number, seed: string): number {
  return Math.round(delay * (1 - jitter + 2 * jitter * chanceOf(count, seed)))
}

/** A number in [0, 1). */
function chanceOf(count: number, seed: string): number {
  return createHash('sha256').update(`${seed}:${count}`).digest().readUInt32BE(0) / 2 ** 32
}
