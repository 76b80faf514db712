import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBudget } from '../../../src/github/limits/budget.js'

const minute = 60_000
const hour = 60 * minute

/** One write: its delay after the previous one, and the network times to GitHub and back, ms. */
interface Wanted {
  gap: number
  there: number
  back: number
}

/** When each write reaches GitHub, in order, if each leaves as soon as the budget allows, ms. */
function arrivalsOf(writes: readonly Wanted[]): number[] {
  const budget = createBudget()
  const arrivals: number[] = []
  let answers: { at: number; arrived: (now: number) => void }[] = []
  let wantedAt = 0
  let now = 0
  const moveTo = (at: number): void => {
    now = at
    for (const answer of answers.filter((each) => each.at <= at)) answer.arrived(answer.at)
    answers = answers.filter((each) => each.at > at)
  }
  for (const { gap, there, back } of writes) {
    wantedAt += gap
    moveTo(Math.max(now, wantedAt))
    for (let readyAt = budget.readyAt('write', now); readyAt > now; readyAt = budget.readyAt('write', now))
      moveTo(Math.min(readyAt, ...answers.map(({ at }) => at)))
    answers.push({ at: now + there + back, arrived: budget.take('write', now).arrived })
    arrivals.push(now + there)
  }
  return arrivals.sort((one, other) => one - other)
}

/** The largest number of times in any interval of this length that begins with one of them, its end excluded. */
function mostWithin(times: readonly number[], length: number): number {
  let first = 0
  let most = 0
  times.forEach((at, index) => {
    while ((times[first] ?? at) <= at - length) first += 1
    most = Math.max(most, index - first + 1)
  })
  return most
}

/** Bursts, streams and lulls, over a network that is mostly fast. */
const writes = fc.array(
  fc.record({
    gap: fc.oneof(
      { weight: 20, arbitrary: fc.constant(0) },
      { weight: 5, arbitrary: fc.integer({ min: 0, max: 2_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 20 * minute }) },
    ),
    there: fc.oneof({ weight: 9, arbitrary: fc.integer({ max: 200, min: 0 }) }, fc.integer({ min: 0, max: 20_000 })),
    back: fc.integer({ min: 0, max: 2_000 }),
  }),
  { minLength: 50, maxLength: 700, size: 'max' },
)

test('the budget lets no more than 80 writes arrive in a minute and 500 in an hour, for any arrival times', () => {
  fc.assert(
    fc.property(writes, (wanted) => {
      const arrivals = arrivalsOf(wanted)
      expect(arrivals).toHaveLength(wanted.length)
      expect(mostWithin(arrivals, minute)).toBeLessThanOrEqual(80)
      expect(mostWithin(arrivals, hour)).toBeLessThanOrEqual(500)
    }),
    { numRuns: 60 },
  )
})

test('the budget delays a burst of writes no longer than its limits require', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), (count) => {
      const arrivals = arrivalsOf(Array.from({ length: count }, () => ({ gap: 0, there: 0, back: 0 })))
      arrivals.forEach((at, index) => {
        const inMinute = (arrivals[index - 80] ?? -Infinity) + minute + 100
        const inBucket = index < 20 ? 0 : (arrivals[index - 1] ?? 0) + 750
        expect(at).toBeLessThanOrEqual(Math.max(inMinute, inBucket))
      })
    }),
    { numRuns: 30 },
  )
})
