import { expect, test } from 'vitest'
import type { Clock } from '../../../src/ports/clock.js'
import { withStartTimeout } from '../../../src/service/durable/start-timeout.js'

/** A clock whose sleepers are woken by the test, or by their signals. */
function createHandClock(): Clock & { sleepers: Set<() => void> } {
  const sleepers = new Set<() => void>()
  return {
    sleepers,
    now: () => 0,
    sleep: (_, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(wake)
          resolve()
        }
        sleepers.add(wake)
        signal?.addEventListener('abort', wake)
      }),
  }
}

test('the start of a task leaves no timer behind', async () => {
  const clock = createHandClock()
  expect(await withStartTimeout(clock, Promise.resolve('started'))).toBe('started')
  await expect(withStartTimeout(clock, Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  expect(clock.sleepers.size).toBe(0)
})

test('the start of a task that the database does not accept is given up after ten seconds', async () => {
  const clock = createHandClock()
  const given = withStartTimeout(clock, new Promise(() => undefined))
  for (const wake of clock.sleepers) wake()
  await expect(given).rejects.toThrow('the database did not accept a task within 10 seconds')
})
