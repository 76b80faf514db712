import { describe, expect, test } from 'vitest'
import { checkHistory } from './check-history.js'
import type { History } from './history.js'
import { replay } from './replay.js'

/**
 * Histories that once broke a law, each under a sentence that states what must hold in it. A failure of the simulation prints the
 * history as it belongs here; `crashes`, `disturbance` and the others may be made simpler by hand as long as it still fails.
 */
const found: [sentence: string, history: History][] = [
  [
    'a success that was in flight when its process was killed is judged by the reading before it was sent, and locked by the next process',
    {
      seed: 809250496,
      jobs: 6,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'much',
      disturbance: 'none',
      journalDelay: 60,
      timeoutMinutes: 20,
      crashes: 1,
      retries: 0,
      earlier: 'unlocked',
      obstacle: 'at-success',
      readings: 'sparse',
    },
  ],
  [
    'a claim that was in flight when its process was killed does not overwrite the closing status',
    {
      seed: 123783638,
      jobs: 7,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'some',
      disturbance: 'none',
      journalDelay: 0,
      timeoutMinutes: 20,
      crashes: 1,
      retries: 0,
    },
  ],
  [
    'a claim of a process that was killed before any claim had its answer does not overwrite the closing status',
    {
      seed: 1217515099,
      jobs: 8,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'some',
      disturbance: 'none',
      journalDelay: 0,
      timeoutMinutes: 20,
      crashes: 1,
      retries: 0,
    },
  ],
  [
    'a closing status that is posted again after a signal, while the first post is in flight, follows a reading of the newest status',
    {
      seed: 765386605,
      jobs: 2,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'some',
      disturbance: 'interrupt',
      journalDelay: 0,
      timeoutMinutes: 20,
      crashes: 0,
      retries: 0,
      earlier: 'records',
    },
  ],
  [
    'an invalidation between a claim without an answer and the next claim is read before it is overwritten',
    {
      seed: 632154158,
      jobs: 8,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'none',
      disturbance: 'invalidate',
      journalDelay: 0,
      timeoutMinutes: 20,
      crashes: 1,
      retries: 0,
    },
  ],
  [
    'a success that is revoked is not posted again by the resuming process',
    {
      seed: 82494816,
      jobs: 9,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'some',
      disturbance: 'none',
      journalDelay: 0,
      timeoutMinutes: 20,
      crashes: 2,
      retries: 0,
      earlier: 'unlocked',
    },
  ],
  [
    'a success that is revoked is not posted again by the resuming process after a pull request is merged',
    {
      seed: 270971012,
      jobs: 7,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'some',
      disturbance: 'merge',
      journalDelay: 0,
      timeoutMinutes: 20,
      crashes: 2,
      retries: 0,
      earlier: 'records',
    },
  ],
  [
    'the wait for a re-run ends when its run cannot be read any more',
    {
      seed: 384195188,
      jobs: 1,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'much',
      disturbance: 'cut-off',
      journalDelay: 60,
      timeoutMinutes: 20,
      crashes: 2,
      retries: 2,
    },
  ],
  [
    'a success that is posted again follows a reading that began after the last success was answered',
    {
      seed: 677250422,
      jobs: 4,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'much',
      disturbance: 'foreign-status-at-success',
      journalDelay: 0,
      timeoutMinutes: 20,
      crashes: 0,
      retries: 0,
      earlier: 'records',
      readings: 'sparse',
    },
  ],
  [
    'a held set that is resumed while its statuses are posted and then found invalidated does not keep the status of the hold',
    {
      seed: 400276357,
      jobs: 2,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'none',
      disturbance: 'invalidate',
      journalDelay: 60,
      timeoutMinutes: 20,
      crashes: 2,
      retries: 0,
      earlier: 'records',
      obstacle: 'draft',
      readings: 'sparse',
    },
  ],
  [
    'a set that is held while success is posted does not keep the status of the hold after two resumptions, when a head has moved meanwhile',
    {
      seed: 180009151,
      jobs: 2,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'much',
      disturbance: 'move',
      journalDelay: 60,
      timeoutMinutes: 20,
      crashes: 2,
      retries: 0,
      earlier: 'unlocked',
      obstacle: 'at-success',
      readings: 'sparse',
    },
  ],
  [
    'a set that is held while success is posted does not keep the status of the hold after two resumptions, when a pull request has appeared meanwhile',
    {
      seed: 590338377,
      jobs: 7,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'some',
      disturbance: 'appear',
      journalDelay: 60,
      timeoutMinutes: 20,
      crashes: 2,
      retries: 0,
      earlier: 'records',
      obstacle: 'at-success',
    },
  ],
  [
    'a set that is held while success is posted does not keep the status of the hold after two resumptions, when statuses are refused meanwhile',
    {
      seed: 1271794687,
      jobs: 6,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'much',
      disturbance: 'none',
      journalDelay: 0,
      timeoutMinutes: 20,
      crashes: 2,
      retries: 0,
      earlier: 'records',
      obstacle: 'at-success',
    },
  ],
  [
    'a set that is held while success is posted does not keep the status of the hold after two resumptions, when GitHub is cut off meanwhile',
    {
      seed: 1348564358,
      jobs: 4,
      density: 0,
      maxParallel: null,
      failFast: false,
      trouble: 'none',
      disturbance: 'cut-off',
      journalDelay: 60,
      timeoutMinutes: 20,
      crashes: 2,
      retries: 0,
      earlier: 'unlocked',
      obstacle: 'at-success',
      readings: 'sparse',
    },
  ],
]

/** A history from the environment, which is replayed alone. */
const given = process.env['ORCH_HISTORY']

const example: History = {
  seed: 20,
  jobs: 6,
  density: 0.4,
  maxParallel: 2,
  failFast: true,
  trouble: 'much',
  disturbance: 'none',
  journalDelay: 60,
  timeoutMinutes: 360,
  crashes: 2,
  retries: 1,
}

describe('found histories', () => {
  test.each(found)('%s', async (_sentence, history) => {
    expect(await checkHistory(history)).toBeDefined()
  })

  if (given !== undefined) {
    test(`the history in ORCH_HISTORY keeps the laws: ${given}`, async () => {
      const result = await checkHistory(JSON.parse(given) as History)
      for (const event of result?.events ?? []) process.stdout.write(`${JSON.stringify(event)}\n`)
      expect(result).toBeDefined()
    })
  }

  test('a history with crashes and troubles has the same events each time it is replayed', async () => {
    const [one, other] = [await replay(example), await replay(example)]
    expect(one?.events.filter(({ type }) => type === 'resumed')).toHaveLength(2)
    expect(other?.events).toEqual(one?.events)
  })
})
