import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/build/events.js'
import type { OrchestrationOutcome } from '../../src/model/build/orchestration.js'
import type { VerificationResult } from '../../src/model/build/state/verification.js'
import { isExhaustive } from '../support/exhaustive.js'
import { bundledCheck } from './bundled.js'
import { anyHistory } from './history.js'

/** The number of histories that all files replay together. */
const histories = readNumber('ORCH_HISTORIES', 20_000)
/** The seed of the histories: the same number draws the same histories, so that a failure can be repeated. vitest.config.ts sets it to the week. */
const draw = readNumber('ORCH_DRAW')

/** A history of a large graph takes several times as long as one of a small graph. The nightly run has both. */
const mostJobs = isExhaustive ? 9 : 6

/** The number of files that share the histories: laws-1.test.ts and so on. */
const parts = 8
const seedsPerPart = Math.floor(2 ** 31 / parts)
/** Twenty times the duration of a history, for slow machines. */
const timeoutMsPerHistory = 50

const outcomes: Record<OrchestrationOutcome, true> = {
  succeeded: true,
  failed: true,
  unknown: true,
  'timed-out': true,
  superseded: true,
  'partially-merged': true,
  held: true,
  cancelled: true,
}

/** All event types except those of a change that was run before (each history is the first of its change) and of refused tokens. */
const kinds: Record<Exclude<Event['type'], 'verified' | 'earlier-runs-listed' | 'suspended'>, true> = {
  started: true,
  'status-requested': true,
  'status-posted': true,
  'status-failed': true,
  'status-withheld': true,
  'dispatch-requested': true,
  'dispatch-accepted': true,
  'dispatch-refused': true,
  'dispatch-ambiguous': true,
  'runs-listed': true,
  'listing-failed': true,
  'run-adopted': true,
  'lost-runs-listed': true,
  'lost-run-cancelled': true,
  'run-observed': true,
  'run-absent': true,
  'observation-failed': true,
  'pending-deployments-read': true,
  'cancel-requested': true,
  'cancel-answered': true,
  'cancel-failed': true,
  'rerun-requested': true,
  'rerun-answered': true,
  'run-restarted': true,
  'earlier-heads-locked': true,
  'job-settled': true,
  'job-status-requested': true,
  'job-status-posted': true,
  'job-status-failed': true,
  'failure-explained': true,
  interrupted: true,
  resumed: true,
  finished: true,
}

/** All results of a reading of the change except those that are too rare: an older orchestration that posts late, and readings that disagree. */
const readings: Record<Exclude<VerificationResult['kind'], 'overtaken' | 'unsettled'>, true> = {
  unchanged: true,
  moved: true,
  blocked: true,
  joined: true,
  unreadable: true,
}

/** The test of one of the files that share the histories, so that they run in parallel. `part` counts from 0. */
export function describeRandomHistories(part: number): void {
  const count = Math.ceil(histories / parts)
  describe('random histories', () => {
    const sentence = `${count} random histories keep the laws (part ${part + 1} of ${parts}, ORCH_DRAW=${draw})`
    test(sentence, { timeout: 300_000 + count * timeoutMsPerHistory }, () => keepTheLaws(part, count))
  })
}

async function keepTheLaws(part: number, count: number): Promise<void> {
  const checkHistory = await bundledCheck()
  const seen = new Set<string>()
  const first = part * seedsPerPart + 1
  const history = anyHistory({ first, last: first + seedsPerPart - 1, mostJobs })
  const property = fc.asyncProperty(history, async (drawn) => {
    // A history never waits for the event loop, which must turn from time to time so that vitest can end an overdue test.
    await new Promise((resolve) => setImmediate(resolve))
    const result = await checkHistory(drawn)
    if (!result) return
    seen.add(result.outcome)
    for (const event of result.events)
      seen.add(event.type === 'verified' ? `verified ${event.result.kind}` : event.type)
  })
  await fc.assert(property, { numRuns: count, seed: draw * parts + part })
  // A simulation that never reaches an event proves nothing about it. A small number of histories cannot reach all of them.
  const results = Object.keys(readings).map((kind) => `verified ${kind}`)
  const wanted = count < 2_000 ? [] : [...Object.keys(outcomes), ...Object.keys(kinds), ...results]
  expect(wanted.filter((name) => !seen.has(name))).toEqual([])
}

function readNumber(name: string, otherwise?: number): number {
  const text = process.env[name]
  if (text === undefined && otherwise !== undefined) return otherwise
  if (text === undefined) throw new Error(`${name} is not set`)
  if (!/^[0-9]{1,9}$/u.test(text)) throw new Error(`${name} must be a whole number of at most nine digits, not ${text}`)
  return Number(text)
}
