import { describe, expect, test } from 'vitest'
import { createAlarm } from '../../../../src/engine/kernel/alarm.js'
import { PromiseClock } from '../../../support/promise-clock.js'

describe('alarm', () => {
  function setUp() {
    const clock = new PromiseClock()
    const start = clock.now()
    const rings: number[] = []
    return { clock, start, rings, alarm: createAlarm(clock, () => rings.push(clock.now() - start)) }
  }

  test('an alarm rings once at the time for which it is set', async () => {
    const { clock, start, rings, alarm } = setUp()
    alarm.set(start + 300)
    alarm.set(start + 300)
    await clock.advance(1_000)
    expect(rings).toEqual([300])
  })

  test('an alarm that is set repeatedly rings only at the time that was set last', async () => {
    const { clock, start, rings, alarm } = setUp()
    alarm.set(start + 300)
    alarm.set(start + 100)
    alarm.set(start + 500)
    await clock.advance(1_000)
    expect(rings).toEqual([500])
  })

  test('an alarm that has rung can be set for the same time again', async () => {
    const { clock, start, rings, alarm } = setUp()
    alarm.set(start + 300)
    await clock.advance(400)
    alarm.set(start + 300)
    await clock.advance(1)
    expect(rings).toEqual([300, 400])
  })

  test('an alarm that is turned off does not ring until it is set again', async () => {
    const { clock, start, rings, alarm } = setUp()
    alarm.set(start + 300)
    alarm.set(Infinity)
    await clock.advance(400)
    expect(rings).toEqual([])
    alarm.set(start + 500)
    await clock.advance(400)
    expect(rings).toEqual([500])
  })

  test('an alarm that is set for a later time, again and again, sleeps only once', async () => {
    const { clock, start, rings, alarm } = setUp()
    for (let ms = 100; ms <= 1_000; ms += 100) alarm.set(start + ms)
    expect(clock.sleeping).toBe(1)
    await clock.advance(2_000)
    expect(rings).toEqual([1_000])
  })

  test('an alarm that is closed leaves no sleeping timer behind', async () => {
    const { clock, start, rings, alarm } = setUp()
    alarm.set(start + 300)
    alarm.set(start + 100)
    alarm.close()
    await expect(clock.until(new Promise(() => undefined))).rejects.toThrow('nothing is left to wait for')
    expect(rings).toEqual([])
  })
})
