import { expect, test } from 'vitest'
import { isExhaustive } from '../support/exhaustive.js'
import { describeTally, playChaos } from './chaos.js'

const all = 100
const parts = 4
/** One of four parts of them, week by week; the nightly run plays all, and a thousand longer ones. */
const count = isExhaustive ? all : all / parts
const seed = isExhaustive ? 1 : 1 + (Number(process.env['ORCH_DRAW']) % parts) * count

test(`${count} orchestrations with hundreds of faults and real kills dispatch nothing twice, lose no run, unlock nothing wrongly and all end (from seed ${seed})`, async () => {
  const tally = await playChaos({ seed, count, size: 'short', parallel: 24, scale: 8 })
  const summary = describeTally(tally, 'short').join('\n')
  expect(tally.findings, summary).toEqual([])
  const faults = [...tally.faults.values()].reduce((sum, times) => sum + times, 0)
  expect(faults, summary).toBeGreaterThan(10 * count)
  expect(tally.kills, summary).toBeGreaterThan(count / 10)
  // A campaign in which everything ends `unknown` proves nothing.
  expect(tally.outcomes.get('succeeded') ?? 0, summary).toBeGreaterThan(count / 3)
}, 1_200_000)
