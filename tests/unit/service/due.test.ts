import { expect, test } from 'vitest'
import { latestDueTime } from '../../../src/service/schedule/due.js'

const at = (text: string): number => Date.parse(text)
const entry = (cron: string) => ({ cron, timeZone: 'UTC', action: { kind: 'run' as const, branch: 'DPTA-1' } })

test('of several missed times the latest counts', () => {
  const due = latestDueTime(entry('*/5 * * * *'), at('2026-11-01T00:00:00Z'), at('2026-11-21T09:03:00Z'))

  expect(due).toBe(at('2026-11-21T09:00:00Z'))
})

test('a time that was handled is not due again', () => {
  expect(latestDueTime(entry('0 6 * * *'), at('2026-11-21T06:00:00Z'), at('2026-11-21T23:00:00Z'))).toBeNull()
})

test('a time is due at that very moment', () => {
  const now = at('2026-11-21T06:00:00Z')

  expect(latestDueTime(entry('0 6 * * *'), now - 1, now)).toBe(now)
})

test('a rare time that was missed years ago is found', () => {
  const due = latestDueTime(entry('0 0 29 2 *'), at('2023-06-01T00:00:00Z'), at('2027-11-21T00:00:00Z'))

  expect(due).toBe(at('2024-02-29T00:00:00Z'))
})

test('a clock that was set back makes nothing due', () => {
  expect(latestDueTime(entry('* * * * *'), at('2026-11-21T06:00:00Z'), at('2026-11-21T05:00:00Z'))).toBeNull()
})
