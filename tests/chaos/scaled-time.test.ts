import { expect, test } from 'vitest'
import type { Case } from './draw.js'
import { play } from './play.js'
import { ScaledClock } from './scaled-clock.js'

const undisturbed: Case = {
  seed: 1,
  isMarked: true,
  timeoutMinutes: 20,
  hasEvent: false,
  members: ['repoB', 'repoD'],
  pulls: ['repoB', 'repoD'],
  builds: [],
  faults: [{ at: 0, fault: { action: { kind: 'stale-reads', ms: 1 } } }],
  primaryLimits: [],
  kills: [],
  pushes: [],
  invalidations: [],
  secondRuns: [],
}

/** Above the time that a slow machine takes, and below the 20 minutes of a process that waits by the machine's clock. */
const longest = 10 * 60_000

test('a process of the campaign waits by the clock of the campaign', async () => {
  const limited = { ...undisturbed, primaryLimits: [{ at: 0, ms: 60_000, status: 403 as const }] }
  const { evidence, took } = await play(limited, new ScaledClock(20))
  const [first] = evidence.lines.flatMap(({ processes }) => processes)
  expect(first?.output).toContain("GitHub's rate limit is reached; waiting until")
  expect(first?.code).toBe(0)
  expect(took).toBeGreaterThan(60_000)
  expect(took).toBeLessThan(longest)
}, 120_000)
