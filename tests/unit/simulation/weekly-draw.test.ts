import { describe, expect, test } from 'vitest'
import { weeklyDraw } from '../../support/weekly-draw.js'

describe('the number of a week, which selects the histories of the simulation', () => {
  test.each([
    ['2026-11-28T12:00:00Z', 202648],
    ['2026-11-29T23:59:59Z', 202648],
    ['2026-11-30T00:00:00Z', 202649],
    // The ISO year differs from the calendar year around New Year.
    ['2024-12-30T00:00:00Z', 202501],
    ['2027-01-03T00:00:00Z', 202653],
    ['2027-01-04T00:00:00Z', 202701],
    ['2026-01-01T00:00:00Z', 202601],
  ])('is at %s the ISO week %d, in UTC', (date, week) => {
    expect(weeklyDraw(new Date(date))).toBe(week)
  })
})
