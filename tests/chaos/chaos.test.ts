import { expect, test } from 'vitest'
import { describeTally, playChaos } from './chaos.js'

test('a hundred orchestrations with a thousand faults and real kills dispatch nothing twice, lose no run, unlock nothing wrongly and all end', async () => {
  const tally = await playChaos({ seed: 1, count: 100, size: 'short', parallel: 24, scale: 8 })
  const summary = describeTally(tally, 'short').join('\n')
  expect(tally.findings, summary).toEqual([])
  const faults = [...tally.faults.values()].reduce((sum, times) => sum + times, 0)
  expect(faults, summary).toBeGreaterThan(1_000)
  expect(tally.kills, summary).toBeGreaterThan(10)
  // A campaign in which everything ends `unknown` proves nothing.
  expect(tally.outcomes.get('succeeded') ?? 0, summary).toBeGreaterThan(33)
}, 600_000)
