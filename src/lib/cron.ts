import { Cron } from 'croner'

/** Why a text is not a cron expression with five fields, one clause; null: it is one. The time zone must be valid. */
export function cronProblem(expression: string, timeZone: string): string | null {
  // The library also takes six fields, a date, names such as @hourly, and ? for the time at which it is called.
  if (!/^\S+(?:\s+\S+){4}$/u.test(expression.trim())) return 'it does not have five fields'
  if (expression.includes('?')) return 'a ? has no meaning here'
  try {
    return nextDueTime({ expression, timeZone }, 0) === null ? 'it is never due' : null
  } catch (error) {
    if (!(error instanceof TypeError) && !(error instanceof RangeError)) throw error
    return error.message.replace(/^CronPattern: /u, '').replace(/\.$/u, '')
  }
}

/** Whether this is a time zone of the IANA database, such as `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch (error) {
    if (error instanceof RangeError) return false
    throw error
  }
}

/** The first time after `after` at which a valid expression is due, ms, UTC; null: never. Pure. */
export function nextDueTime(
  { expression, timeZone }: { expression: string; timeZone: string },
  after: number,
): number | null {
  const next = new Cron(expression, { timezone: timeZone, mode: '5-part' }).nextRun(new Date(after))
  return next === null ? null : next.getTime()
}
