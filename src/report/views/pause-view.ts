import { assertNever } from '../../lib/assert-never.js'
import type { Pause } from '../../ports/pause.js'
import { formatDuration, formatTimeOfDay } from '../time-text.js'

/** Why orch waits and until when, without a full stop: `GitHub's rate limit is reached; waiting until 14:05:30 UTC (3m 00s)`. */
export function pauseText({ limit, at, until }: Pause): string {
  return `${reasonOf(limit)} until ${formatTimeOfDay(until)} UTC (${formatDuration(Math.ceil((until - at) / 1000) * 1000)})`
}

function reasonOf(limit: Pause['limit']): string {
  switch (limit) {
    case 'primary':
      return "GitHub's rate limit is reached; waiting"
    case 'secondary':
      return 'GitHub asks to slow down (secondary rate limit); waiting'
    case 'writes':
      return 'the statuses and dispatches that GitHub allows in an hour are used up; the next one waits'
    default:
      return assertNever(limit)
  }
}
