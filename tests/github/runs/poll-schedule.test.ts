import { describe, expect, test } from 'vitest'
import { nextReadingAt, waitForGrid } from '../../../src/github/runs/poll-schedule.js'
import type { WatchedRuns } from '../../../src/github/runs/poll-schedule.js'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** From a dispatch to the first reading of its run, ms. */
const firstReadingAfter = 2 * second

const alone: WatchedRuns = { count: 1, isShared: false, allowance: null }
const shared: WatchedRuns = { count: 100, isShared: true, allowance: null }

/** When a run that was dispatched at `start` is read until it ends, ms after the start; each reading takes 50 ms. */
function readingTimes(options: {
  lasts: number
  usualMs?: number
  watched?: WatchedRuns
  seed?: string
  start?: number
  isDelivered?: boolean
}): number[] {
  const { lasts, usualMs, watched = alone, seed = 'run', start = 0, isDelivered = false } = options
  const times: number[] = []
  let next = start + firstReadingAfter
  next += waitForGrid(next, watched)
  for (;;) {
    times.push(next - start)
    if (next - start >= lasts) return times
    const now = next + 50
    next = nextReadingAt(
      { since: start, usualMs, count: times.length, seed, wasFound: true, isDelivered },
      watched,
      now,
    )
    expect(next).toBeGreaterThan(now)
  }
}

/** The delay from the end of a build to the reading that shows it, averaged over many builds, ms. */
function meanLateness(lasts: number, options: { usualMs?: number; watched?: WatchedRuns } = {}): number {
  const late = Array.from({ length: 50 }, (_, index) => {
    const varied = lasts * (0.95 + index / 500)
    return readingTimes({ ...options, lasts: varied, seed: `run ${index}`, start: index * 37 }).at(-1)! - varied
  })
  return late.reduce((sum, each) => sum + each, 0) / late.length
}

describe('readings of few runs, each alone', () => {
  test('readings of one run are about a second apart while the build is young and at most thirty seconds later', () => {
    const times = readingTimes({ lasts: 6 * hour })
    const gaps = times.slice(1).map((time, index) => ({ after: times[index]!, gap: time - times[index]! }))
    for (const { after, gap } of gaps) {
      if (after < minute) expect(gap).toBeLessThan(1.3 * second)
      expect(gap).toBeGreaterThan(0.75 * second)
      expect(gap).toBeLessThan(36.1 * second)
    }
    expect(gaps.at(-2)!.gap).toBeGreaterThan(15 * second)
  })

  test('readings see the end of a 20 s build of unknown duration within a second on average', () => {
    expect(meanLateness(20 * second)).toBeLessThan(0.8 * second)
  })

  test('readings see the end of a five minute build within two seconds on average', () => {
    expect(meanLateness(5 * minute)).toBeLessThan(2 * second)
  })

  test('readings are dense around the expected end of a long build and see it sooner than without an expectation', () => {
    expect(meanLateness(40 * minute)).toBeGreaterThan(8 * second)
    expect(meanLateness(40 * minute, { usualMs: 40 * minute })).toBeLessThan(4 * second)
  })

  test('readings are sparse before a known end', () => {
    const early = (usualMs?: number): number =>
      readingTimes({ lasts: 5 * minute, ...(usualMs === undefined ? {} : { usualMs }) }).filter(
        (time) => time < 3 * minute,
      ).length
    expect(early(5 * minute)).toBeLessThan(early() / 10)
  })

  test('readings return to the pace of the time that has passed when the known end is long over', () => {
    const known = readingTimes({ lasts: 2 * hour, usualMs: minute })
    const unknown = readingTimes({ lasts: 2 * hour })
    expect(known.length).toBeLessThanOrEqual(unknown.length + 60)
  })

  test('readings are spread by the seed and the same for the same seed', () => {
    expect(readingTimes({ lasts: hour, seed: 'A' })).toEqual(readingTimes({ lasts: hour, seed: 'A' }))
    expect(readingTimes({ lasts: hour, seed: 'A' })).not.toEqual(readingTimes({ lasts: hour, seed: 'B' }))
  })

  test('readings of ten runs take no more than a third of the 900 points that GitHub allows in a minute', () => {
    const watched = { ...alone, count: 10 }
    expect(10 * readingTimes({ lasts: minute, watched }).length).toBeLessThanOrEqual(310)
  })
})

describe('readings of many runs that share requests', () => {
  /** The number of times at which requests leave for builds that begin one after the other, a second apart after the first twenty. */
  function requests(lasts: number, usualMs?: number): number {
    const moments = new Set<number>()
    const known = usualMs === undefined ? {} : { usualMs }
    for (let index = 0; index < 100; index += 1) {
      const start = Math.max(0, index - 19) * second + 123
      for (const time of readingTimes({ lasts, watched: shared, start, ...known })) moments.add(time + start)
    }
    return moments.size
  }

  test('shared readings of builds that began at different times coincide: an hour takes at most 160 requests', () => {
    expect(requests(hour)).toBeLessThanOrEqual(160)
  })

  test('shared readings of five minute builds take at most 95 requests whether their duration is known or not', () => {
    expect(requests(5 * minute)).toBeLessThanOrEqual(95)
    expect(requests(5 * minute, 5 * minute)).toBeLessThanOrEqual(95)
  })

  test('shared readings see a known end within four seconds on average', () => {
    expect(meanLateness(5 * minute, { usualMs: 5 * minute, watched: shared })).toBeLessThan(4 * second)
  })

  test('shared readings are four seconds apart at first and at most 64 later', () => {
    const times = readingTimes({ lasts: 3 * hour, watched: shared })
    const gaps = times.slice(1).map((time, index) => time - times[index]!)
    expect(gaps[0]).toBe(4 * second)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(64 * second)
    for (const time of times) expect(time % (4 * second)).toBe(0)
  })

  test('a shared reading that was not planned on the grid waits for it, unless it is only a little late', () => {
    expect(waitForGrid(8_000, shared)).toBe(0)
    expect(waitForGrid(8_200, shared)).toBe(0)
    expect(waitForGrid(9_000, shared)).toBe(3_000)
    expect(waitForGrid(9_000, alone)).toBe(0)
  })
})

describe('a run whose progress webhooks report', () => {
  test.each([
    ['alone', alone],
    ['together with others', shared],
  ])('a run that is read %s is read again about two minutes later, however long its build takes', (_how, watched) => {
    const times = readingTimes({ lasts: hour, usualMs: hour, watched, isDelivered: true })
    const gaps = times.slice(2).map((time, index) => time - times[index + 1]!)
    expect(Math.min(...gaps)).toBeGreaterThan(100 * second)
    expect(Math.max(...gaps)).toBeLessThan(160 * second)
  })
})

describe('a reading that found no run', () => {
  test('a reading that found no run is followed by the next one after five seconds at least', () => {
    const question = { since: 0, count: 0, seed: 'run', isDelivered: false }
    expect(nextReadingAt({ ...question, wasFound: true }, alone, 1_000)).toBeLessThan(2_500)
    expect(nextReadingAt({ ...question, wasFound: false }, alone, 1_000)).toBe(6_000)
    expect(nextReadingAt({ ...question, wasFound: false, isDelivered: true }, alone, 1_000)).toBe(6_000)
  })
})

describe('the allowance of the hour', () => {
  const left = (remaining: number): WatchedRuns => ({
    count: 5,
    isShared: false,
    allowance: { remaining, size: 5_000, resetsAt: 30 * minute },
  })
  const delay = (watched: WatchedRuns): number =>
    nextReadingAt({ since: -minute, count: 3, seed: 'run', wasFound: true, isDelivered: false }, watched, 0)

  test('the allowance does not matter while there is plenty', () => {
    expect(delay(left(4_000))).toBe(delay({ ...alone, count: 5 }))
  })

  test('a small allowance stretches the readings so that half of it is enough for all of them', () => {
    const each = delay(left(545))
    expect((5 * 30 * minute) / each).toBeLessThanOrEqual(250)
    expect(delay(left(200))).toBeGreaterThan(each)
  })

  test('an allowance that is enough for the end alone makes readings wait for five minutes at most', () => {
    expect(delay(left(30))).toBe(5 * minute)
    expect(delay({ ...left(30), allowance: { remaining: 0, size: 5_000, resetsAt: 90 * second } })).toBe(90 * second)
  })

  test('the allowance of an hour that has ended does not matter', () => {
    const over = { remaining: 0, size: 5_000, resetsAt: 0 }
    expect(delay({ ...alone, allowance: over })).toBe(delay(alone))
  })
})
