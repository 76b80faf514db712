const day = 86_400_000

/** The ISO week of a date in UTC as a number: 202648 is week 48 of 2026. All tests of one week simulate the same histories. */
export function weeklyDraw(date: Date): number {
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  // An ISO week belongs to the year of its Thursday.
  const thursday = midnight + (4 - (date.getUTCDay() || 7)) * day
  const year = new Date(thursday).getUTCFullYear()
  const week = 1 + Math.floor((thursday - Date.UTC(year, 0, 1)) / (7 * day))
  return year * 100 + week
}
