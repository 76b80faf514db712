import { describe, expect, test } from 'vitest'
import { createAlarm } from '../../../src/engine/kernel/alarm.js'
import { PromiseClock } from '../../support/promise-clock.js'

describe('the alarm of the loop', () => {
  function setUp() {
    const clock = new PromiseClock()
    const start = clock.now()
    const rings: number[] = []
    return { clock, start, rings, alarm: createAlarm(clock, () => rings.push(clock.now() - start)) }
  }

  test('rings once at the moment it is set for', async () => {
    const { clock, start, rings, alarm } = setUp()
    alarm.set(start + 300)
    alarm.set(start + 300)
    await clock.advance(1_000)
    expect(rings).toEqual([300])
  })

  test('that is set anew rings only at the latest moment, be it earlier or later', async () => {
    const { clock, start, rings, alarm } = setUp()
    alarm.set(start + 300)
    alarm.set(start + 100)
    alarm.set(start + 500)
    await clock.advance(1_000)
    expect(rings).toEqual([500])
  })

  test('can be set for the same moment again after it rang', async () => {
    const { clock, start, rings, alarm } = setUp()
    alarm.set(start + 300)
    await clock.advance(400)
    alarm.set(start + 300)
    await clock.advance(1)
    expect(rings).toEqual([300, 400])
  })

  test('leaves no sleeper behind once it is turned off', async () => {
    const { clock, start, rings, alarm } = setUp()
    alarm.set(start + 300)
    alarm.set(Infinity)
    await expect(clock.until(new Promise(() => undefined))).rejects.toThrow('nothing is left to wait for')
    expect(rings).toEqual([])
  })
})
