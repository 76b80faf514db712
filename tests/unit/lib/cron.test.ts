import { expect, test } from 'vitest'
import { cronProblem, isTimeZone, nextDueTime } from '../../../src/lib/cron.js'

/** The next times after a time, as `MM-DDTHH:MM` in UTC. */
function next(expression: string, timeZone: string, after: string, count: number): string[] {
  const times: string[] = []
  let at = Date.parse(after)
  while (times.length < count) {
    at = nextDueTime({ expression, timeZone }, at) ?? NaN
    times.push(new Date(at).toISOString().slice(5, 16))
  }
  return times
}

test('an entry is due at the local time of its zone, before and after the clocks change', () => {
  expect(next('0 6 * * *', 'Europe/Berlin', '2026-10-23T12:00:00Z', 3)).toEqual([
    '10-24T04:00',
    '10-25T05:00',
    '10-26T05:00',
  ])
})

test('a local time that does not exist when the clocks are set forward is due right after', () => {
  expect(next('30 2 * * *', 'America/New_York', '2026-03-07T12:00:00Z', 2)).toEqual(['03-08T07:30', '03-09T06:30'])
})

test('a local time that comes twice when the clocks are set back is due once', () => {
  expect(next('30 1 * * *', 'America/New_York', '2026-10-31T12:00:00Z', 2)).toEqual(['11-01T05:30', '11-02T06:30'])
})

test('the time itself is not after itself', () => {
  expect(next('0 6 * * *', 'UTC', '2026-11-01T06:00:00Z', 1)).toEqual(['11-02T06:00'])
})

test('valid expressions have no problem', () => {
  for (const text of ['0 6 * * 1-5', '*/15 8-18 * JAN-JUN mon', '0 0 L * *', '0 0 29 2 *'])
    expect(cronProblem(text, 'UTC')).toBeNull()
})

test('time zones are those of the IANA database', () => {
  expect(['UTC', 'Europe/Berlin', 'Europe/Atlantis', ''].map(isTimeZone)).toEqual([true, true, false, false])
})
