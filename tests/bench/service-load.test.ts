import { describe, expect, test } from 'vitest'
import { pace, saturate } from '../../bench/service/load.js'
import type { LoadClock } from '../../bench/service/load.js'
import { percentile } from '../../bench/service/percentile.js'
import { handledIn } from '../../bench/service/webhooks.js'
import { parseStat } from '../../bench/service/process-usage.js'

/** Time that passes only when somebody sleeps. Sleepers wake in the order of their times. */
function createVirtualClock(): LoadClock & { run: <T>(work: Promise<T>) => Promise<T> } {
  let now = 0
  const sleepers: { at: number; wake: () => void }[] = []
  return {
    now: () => now,
    sleep: (ms) => new Promise((resolve) => sleepers.push({ at: now + ms, wake: resolve })),
    run: async (work) => {
      const ended = new AbortController()
      const done = work.finally(() => ended.abort('ended'))
      done.catch(() => undefined)
      for (;;) {
        // All promises that need no time settle first.
        await new Promise(setImmediate)
        if (ended.signal.aborted) return done
        sleepers.sort((a, b) => a.at - b.at)
        const next = sleepers.shift()
        if (!next) throw new Error('nothing is left to wait for')
        now = next.at
        next.wake()
      }
    },
  }
}

describe('a percentile', () => {
  const samples = Array.from({ length: 200 }, (_, index) => 200 - index)

  test('is the smallest sample that the share of the samples does not exceed', () => {
    expect([0.5, 0.99, 1].map((share) => percentile(samples, share))).toEqual([100, 198, 200])
    expect(percentile([7], 0.01)).toBe(7)
  })

  test('does not exist without samples or for a share outside of (0, 1]', () => {
    expect(() => percentile([], 0.99)).toThrow('there is no sample')
    expect(() => percentile([1], 99)).toThrow('99 is not a share')
    expect(() => percentile([1], 0)).toThrow('0 is not a share')
  })
})

describe('the load at a fixed rate', () => {
  test('is sent at its times although no answer comes', async () => {
    const clock = createVirtualClock()
    const sentAt: number[] = []
    const send = async (): Promise<void> => {
      sentAt.push(clock.now())
      await clock.sleep(1_000)
    }
    const { latenciesMs, sentLateMs } = await clock.run(pace({ clock, ratePerSecond: 200, durationMs: 25, send }))
    expect(sentAt).toEqual([0, 5, 10, 15, 20])
    expect(latenciesMs).toEqual([1_000, 1_000, 1_000, 1_000, 1_000])
    expect(sentLateMs).toBe(0)
  })

  test('counts a latency from the time that the request was due, and reports a sender that was late', async () => {
    const clock = createVirtualClock()
    const late: LoadClock = { ...clock, sleep: (ms) => clock.sleep(ms + 3) }
    const send = (): Promise<void> => clock.sleep(10)
    const { latenciesMs, sentLateMs } = await clock.run(pace({ clock: late, ratePerSecond: 100, durationMs: 30, send }))
    expect(latenciesMs).toEqual([10, 13, 13])
    expect(sentLateMs).toBe(3)
  })

  test('has no figures if a request fails', async () => {
    const clock = createVirtualClock()
    const send = async (index: number): Promise<void> => {
      await clock.sleep(1)
      if (index === 1) throw new Error('answered with 503')
    }
    await expect(clock.run(pace({ clock, ratePerSecond: 100, durationMs: 50, send }))).rejects.toThrow('503')
  })
})

describe('the load without pauses', () => {
  test('keeps each connection busy and counts the answers per second', async () => {
    const clock = createVirtualClock()
    let open = 0
    let mostOpen = 0
    const indexes: number[] = []
    const send = async (index: number): Promise<void> => {
      indexes.push(index)
      open += 1
      mostOpen = Math.max(mostOpen, open)
      await clock.sleep(10)
      open -= 1
    }
    const perSecond = await clock.run(saturate({ clock, connections: 4, durationMs: 1_000, send }))
    expect(mostOpen).toBe(4)
    expect(perSecond).toBe(400)
    expect(new Set(indexes).size).toBe(400)
  })
})

describe('the CPU time of a process', () => {
  test('is read although its name contains spaces and brackets', () => {
    const rest = 'S 17 1 1 0 -1 4194560 1 0 0 0 250 50 9 9 20 0 11 0 1 1 1'
    expect(parseStat(`42 (postgres: a) (b) ${rest}`)).toEqual({ parent: 17, ticks: 300 })
    expect(() => parseStat('42 (postgres) S')).toThrow('unknown form')
  })
})

test('the deliveries that were handled are counted over all events', () => {
  const metrics = [
    'orch_webhook_lag_seconds_bucket{le="0.01",event="push"} 1',
    'orch_webhook_lag_seconds_count{event="push"} 3',
    'orch_webhook_lag_seconds_count{event="workflow_run"} 40',
    '',
  ].join('\n')
  expect(handledIn(metrics)).toBe(43)
  expect(handledIn('')).toBe(0)
})
