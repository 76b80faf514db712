import { describe, expect, test } from 'vitest'
import { firstObservationDelay, nextLookAt, waitForOthers } from '../../../src/engine/build/state/poll-schedule.js'
import type { RunWatch } from '../../../src/ports/host/builds.js'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

const alone: RunWatch = { runs: 1, isTogether: false, allowance: null }
const together: RunWatch = { runs: 100, isTogether: true, allowance: null }

/** When a run that was dispatched at `start` is looked at until it ends, ms after the start; each look takes 50 ms. */
function looks(options: {
  lasts: number
  usualMs?: number
  watch?: RunWatch
  seed?: string
  start?: number
}): number[] {
  const { lasts, usualMs, watch = alone, seed = 'run', start = 0 } = options
  const times: number[] = []
  let next = start + firstObservationDelay
  next += waitForOthers(next, watch)
  for (;;) {
    times.push(next - start)
    if (next - start >= lasts) return times
    const now = next + 50
    next = nextLookAt({ now, elapsedMs: now - start, usualMs, watch, count: times.length, seed })
    expect(next).toBeGreaterThan(now)
  }
}

/** From the end of a build to the look that sees it, ms, on the average over many builds. */
function meanLateness(lasts: number, options: { usualMs?: number; watch?: RunWatch } = {}): number {
  const late = Array.from({ length: 50 }, (_, index) => {
    const varied = lasts * (0.95 + index / 500)
    return looks({ ...options, lasts: varied, seed: `run ${index}`, start: index * 37 }).at(-1)! - varied
  })
  return late.reduce((sum, each) => sum + each, 0) / late.length
}

describe('looks at few runs, one by one', () => {
  test('are about a second apart while the build is young, and at most thirty seconds later', () => {
    const times = looks({ lasts: 6 * hour })
    const gaps = times.slice(1).map((time, index) => ({ after: times[index]!, gap: time - times[index]! }))
    for (const { after, gap } of gaps) {
      if (after < minute) expect(gap).toBeLessThan(1.3 * second)
      expect(gap).toBeGreaterThan(0.75 * second)
      expect(gap).toBeLessThan(36.1 * second)
    }
    expect(gaps.at(-2)!.gap).toBeGreaterThan(15 * second)
  })

  test('see the end of a build of 20 s, of which nothing is known, within a second on the average', () => {
    expect(meanLateness(20 * second)).toBeLessThan(0.8 * second)
  })

  test('see the end of a build of five minutes within two seconds on the average', () => {
    expect(meanLateness(5 * minute)).toBeLessThan(2 * second)
  })

  test('are dense around the expected end of a long build, and so see it sooner than without it', () => {
    expect(meanLateness(40 * minute)).toBeGreaterThan(8 * second)
    expect(meanLateness(40 * minute, { usualMs: 40 * minute })).toBeLessThan(4 * second)
  })

  test('are sparse before a known end', () => {
    const early = (usualMs?: number): number =>
      looks({ lasts: 5 * minute, ...(usualMs === undefined ? {} : { usualMs }) }).filter((time) => time < 3 * minute)
        .length
    expect(early(5 * minute)).toBeLessThan(early() / 10)
  })

  test('go on at the pace of the time that has passed when the known end is long over', () => {
    const known = looks({ lasts: 2 * hour, usualMs: minute })
    const unknown = looks({ lasts: 2 * hour })
    expect(known.length).toBeLessThanOrEqual(unknown.length + 60)
  })

  test('are spread by the seed, and the same for the same one', () => {
    expect(looks({ lasts: hour, seed: 'A' })).toEqual(looks({ lasts: hour, seed: 'A' }))
    expect(looks({ lasts: hour, seed: 'A' })).not.toEqual(looks({ lasts: hour, seed: 'B' }))
  })

  test('of ten runs take no more than a third of the 900 points that GitHub allows in a minute', () => {
    const watch = { ...alone, runs: 10 }
    expect(10 * looks({ lasts: minute, watch }).length).toBeLessThanOrEqual(310)
  })
})

describe('looks at many runs, together', () => {
  /** The moments at which requests leave for builds that begin one after the other, a second apart after the first twenty. */
  function requests(lasts: number, usualMs?: number): number {
    const moments = new Set<number>()
    const known = usualMs === undefined ? {} : { usualMs }
    for (let index = 0; index < 100; index += 1) {
      const start = Math.max(0, index - 19) * second + 123
      for (const time of looks({ lasts, watch: together, start, ...known })) moments.add(time + start)
    }
    return moments.size
  }

  test('fall on the same moments, whenever their builds began: an hour takes at most 160 requests', () => {
    expect(requests(hour)).toBeLessThanOrEqual(160)
  })

  test('of five minutes take at most 95 requests, whether that is known or not', () => {
    expect(requests(5 * minute)).toBeLessThanOrEqual(95)
    expect(requests(5 * minute, 5 * minute)).toBeLessThanOrEqual(95)
  })

  test('see a known end within four seconds on the average', () => {
    expect(meanLateness(5 * minute, { usualMs: 5 * minute, watch: together })).toBeLessThan(4 * second)
  })

  test('are four seconds apart at first, and at most 64 later', () => {
    const times = looks({ lasts: 3 * hour, watch: together })
    const gaps = times.slice(1).map((time, index) => time - times[index]!)
    expect(gaps[0]).toBe(4 * second)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(64 * second)
    for (const time of times) expect(time % (4 * second)).toBe(0)
  })

  test('that were not planned for such a moment wait for it, and a little late is not too late', () => {
    expect(waitForOthers(8_000, together)).toBe(0)
    expect(waitForOthers(8_200, together)).toBe(0)
    expect(waitForOthers(9_000, together)).toBe(3_000)
    expect(waitForOthers(9_000, alone)).toBe(0)
  })
})

describe('what is left of the hour', () => {
  const left = (remaining: number): RunWatch => ({
    runs: 5,
    isTogether: false,
    allowance: { remaining, size: 5_000, resetsAt: 30 * minute },
  })
  const delay = (watch: RunWatch): number => nextLookAt({ now: 0, elapsedMs: minute, watch, count: 3, seed: 'run' })

  test('does not matter while there is plenty', () => {
    expect(delay(left(4_000))).toBe(delay({ ...alone, runs: 5 }))
  })

  test('stretches the looks so that half of it suffices for all of them', () => {
    const each = delay(left(545))
    expect((5 * 30 * minute) / each).toBeLessThanOrEqual(250)
    expect(delay(left(200))).toBeGreaterThan(each)
  })

  test('that suffices for the end alone lets them wait, five minutes at most', () => {
    expect(delay(left(30))).toBe(5 * minute)
    expect(delay({ ...left(30), allowance: { remaining: 0, size: 5_000, resetsAt: 90 * second } })).toBe(90 * second)
  })

  test('of an hour that is over means nothing', () => {
    const over = { remaining: 0, size: 5_000, resetsAt: 0 }
    expect(delay({ ...alone, allowance: over })).toBe(delay(alone))
  })
})
