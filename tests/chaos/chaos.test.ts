import { expect, test } from 'vitest'
import { describeTally, playChaos } from './chaos.js'

const half = 50
/** The first or the second fifty of a hundred orchestrations, week by week; the nightly run plays a thousand others. */
const seed = 1 + (Number(process.env['ORCH_DRAW']) % 2) * half

test(`${half} orchestrations with hundreds of faults and real kills dispatch nothing twice, lose no run, unlock nothing wrongly and all end (from seed ${seed})`, async () => {
  const tally = await playChaos({ seed, count: half, size: 'short', parallel: 24, scale: 8 })
  const summary = describeTally(tally, 'short').join('\n')
  expect(tally.findings, summary).toEqual([])
  const faults = [...tally.faults.values()].reduce((sum, times) => sum + times, 0)
  expect(faults, summary).toBeGreaterThan(500)
  expect(tally.kills, summary).toBeGreaterThan(5)
  // A campaign in which everything ends `unknown` proves nothing.
  expect(tally.outcomes.get('succeeded') ?? 0, summary).toBeGreaterThan(16)
}, 600_000)
