/** What a request costs of GitHub's limits. */
export type Cost = 'read' | 'write'

/** How many requests may leave, by when the others left. Times are ms since the epoch. */
export interface Budget {
  /** From when on one more may leave; now or earlier: at once. */
  readyAt: (cost: Cost, now: number) => number
  /** Counts one that leaves now, whether it was its time or not. @returns how to take that back, if it did not leave after all. */
  take: (cost: Cost, now: number) => () => void
  /** Whether it is the hour that keeps the next write back: that may be long. */
  isHourFull: (now: number) => boolean
}

/**
 * GitHub's "About secondary rate limits": 80 requests a minute and 500 an hour that create content, and 900 points a minute, of which a
 * GET takes one and a POST five. A bucket of `burst` writes that fills by one each `refillMs` lets burst + 60 s / refillMs leave in
 * any minute: 20 + 60 = 80 (docs/decisions/0008).
 */
export const writeLimits = { burst: 20, refillMs: 1000, perHour: 500 } as const
const pointsPerMinute = 900
/** Kept free of reads, so that they cannot starve the writes. */
const pointsForWrites = 100
const pointsOf: Readonly<Record<Cost, number>> = { read: 1, write: 5 }
const minute = 60_000
const hour = 3_600_000

interface Sent {
  at: number
  cost: Cost
}

export function createBudget(): Budget {
  let sent: Sent[] = []

  const forget = (now: number): void => {
    // A clock that was set back must not hold anything up until it is where it was.
    for (const each of sent) each.at = Math.min(each.at, now)
    sent = sent.filter(({ at, cost }) => at > now - (cost === 'write' ? hour : minute))
  }

  return {
    readyAt: (cost, now) => {
      forget(now)
      const points = readyForPoints(sent, cost, now)
      if (cost === 'read') return points
      const writes = sent.filter((each) => each.cost === 'write')
      return Math.max(points, readyInBucket(writes), readyInHour(writes))
    },
    take: (cost, now) => {
      const one: Sent = { at: now, cost }
      sent.push(one)
      return () => {
        sent = sent.filter((each) => each !== one)
      }
    },
    isHourFull: (now) => readyInHour(sent.filter(({ cost }) => cost === 'write')) > now,
  }
}

/** Nothing is held back: for a server on this machine. */
export const openBudget: Budget = {
  readyAt: () => -Infinity,
  take: () => () => undefined,
  isHourFull: () => false,
}

/** The bucket as the time at which it would be full again: each write moves it on by one refill. */
function readyInBucket(writes: readonly Sent[]): number {
  const { burst, refillMs } = writeLimits
  const fullAt = writes.reduce((full, { at }) => Math.max(full, at) + refillMs, -Infinity)
  return fullAt - (burst - 1) * refillMs
}

function readyInHour(writes: readonly Sent[]): number {
  const first = writes.at(-writeLimits.perHour)
  return writes.length < writeLimits.perHour || first === undefined ? -Infinity : first.at + hour
}

function readyForPoints(sent: readonly Sent[], cost: Cost, now: number): number {
  const recent = sent.filter(({ at }) => at > now - minute)
  const most = cost === 'read' ? pointsPerMinute - pointsForWrites : pointsPerMinute
  let excess = recent.reduce((sum, each) => sum + pointsOf[each.cost], pointsOf[cost] - most)
  if (excess <= 0) return -Infinity
  for (const each of recent) {
    excess -= pointsOf[each.cost]
    if (excess <= 0) return each.at + minute
  }
  return now + minute
}
