import { nextDueTime } from '../../lib/cron.js'
import type { ScheduleEntry } from '../../model/service-settings.js'

/** When an entry is due. */
export type ScheduledTime = Pick<ScheduleEntry, 'cron' | 'timeZone'>

const firstWindowMs = 3_600_000

/** The latest time after `after` and not after `now` at which an entry was due, ms, UTC; null: none. Several missed times count as one. Pure. */
export function latestDueTime({ cron, timeZone }: ScheduledTime, after: number, now: number): number | null {
  const timing = { expression: cron, timeZone }
  // The windows grow, so that neither a rare entry nor one that was missed for a year takes many steps.
  for (let windowMs = firstWindowMs; ; windowMs *= 2) {
    const from = Math.max(after, now - windowMs)
    let latest: number | null = null
    let next = nextDueTime(timing, from)
    while (next !== null && next <= now) {
      latest = next
      next = nextDueTime(timing, next)
    }
    if (latest !== null || from === after) return latest
  }
}

/** The first time after `after` at which an entry is due, ms, UTC; Infinity: never again. Pure. */
export function nextDueTimeOf({ cron, timeZone }: ScheduledTime, after: number): number {
  return nextDueTime({ expression: cron, timeZone }, after) ?? Infinity
}
