import { describe, expect, test } from 'vitest'
import { fractionOf, jittered } from '../../../src/lib/jitter.js'

const counts = Array.from({ length: 1_000 }, (_, count) => count)

/** How many of the numbers are in each tenth of [0, 1). */
function tenths(numbers: readonly number[]): number[] {
  const found = Array.from({ length: 10 }, () => 0)
  for (const number of numbers) found[Math.floor(number * 10)] = (found[Math.floor(number * 10)] ?? 0) + 1
  return found
}

describe('jitter', () => {
  test('the same question waits the same way, and another one waits otherwise', () => {
    expect(jittered(10_000, 3, 'run1:repoA')).toBe(jittered(10_000, 3, 'run1:repoA'))
    expect(jittered(10_000, 4, 'run1:repoA')).not.toBe(jittered(10_000, 3, 'run1:repoA'))
    expect(jittered(10_000, 3, 'run1:repoB')).not.toBe(jittered(10_000, 3, 'run1:repoA'))
  })

  test('a delay differs by at most 20 %', () => {
    const delays = counts.map((count) => jittered(10_000, count, 'run1:repoA'))
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(8_000)
    expect(Math.max(...delays)).toBeLessThanOrEqual(12_000)
  })

  test('the counts of one question, and the first questions of many, are spread evenly', () => {
    const ofOne = tenths(counts.map((count) => fractionOf(count, 'run1:repoA')))
    const ofMany = tenths(counts.map((number) => fractionOf(0, `run1:repo${number}`)))
    for (const found of [...ofOne, ...ofMany]) {
      expect(found).toBeGreaterThan(60)
      expect(found).toBeLessThan(140)
    }
  })
})
