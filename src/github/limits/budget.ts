import { fullAfterWrite, readyInBucket, readyInHour, readyInMinute } from '../../model/write-limits.js'

/** The cost of a request in GitHub's limits. */
export type Cost = 'read' | 'write'

/** One counted request. */
export interface Taken {
  /** Call when the request has reached GitHub. Until then it may arrive at any moment. */
  arrived: (now: number) => void
  /** Call when the request did not leave. */
  giveBack: () => void
}

/** Limits how many requests leave, from the times at which earlier ones left and arrived. Times are ms since the epoch. */
export interface Budget {
  /** The earliest time at which one more request may leave; now or earlier: at once. */
  readyAt: (cost: Cost, now: number) => number
  /** Counts a request that leaves now, even if it leaves too early. */
  take: (cost: Cost, now: number) => Taken
  /** Whether the hourly limit delays the next write, which may take long. */
  isHourFull: (now: number) => boolean
}

/** GitHub's "About secondary rate limits": 900 points a minute, of which a GET takes one and a POST five. */
const pointsPerMinute = 900
/** Points that reads may not use, so that they cannot starve the writes. */
const pointsForWrites = 100
const pointsOf: Readonly<Record<Cost, number>> = { read: 1, write: 5 }
const minute = 60_000
/** Longer than the window of any limit, ms. */
const forgottenAfter = 3_600_000 + minute

interface Sent {
  leftAt: number
  /** Infinity: the request is in flight. GitHub counts arrivals, and network times differ: only an answer proves an arrival. */
  arrivedAt: number
  cost: Cost
}

export function createBudget(): Budget {
  let sent: Sent[] = []

  const forget = (now: number): void => {
    // A clock that was set back must not delay requests until it has caught up.
    for (const each of sent) {
      each.leftAt = Math.min(each.leftAt, now)
      if (each.arrivedAt !== Infinity) each.arrivedAt = Math.min(each.arrivedAt, now)
    }
    sent = sent.filter(({ arrivedAt, cost }) => arrivedAt > now - (cost === 'write' ? forgottenAfter : minute))
  }

  return {
    readyAt: (cost, now) => {
      forget(now)
      const points = readyForPoints(sent, cost, now)
      if (cost === 'read') return points
      const bucket = sent.filter(isWrite).reduce((fullAt, { leftAt }) => fullAfterWrite(fullAt, leftAt), -Infinity)
      const arrivals = arrivalsOf(sent, now)
      return Math.max(points, readyInBucket(bucket), readyInMinute(arrivals), readyInHour(arrivals))
    },
    take: (cost, now) => {
      const one: Sent = { leftAt: now, arrivedAt: Infinity, cost }
      sent.push(one)
      return {
        arrived: (at) => {
          one.arrivedAt = at
        },
        giveBack: () => {
          sent = sent.filter((each) => each !== one)
        },
      }
    },
    isHourFull: (now) => readyInHour(arrivalsOf(sent, now)) > now,
  }
}

/** The budget for a server on this machine: it delays nothing. */
export const openBudget: Budget = {
  readyAt: () => -Infinity,
  take: () => ({ arrived: () => undefined, giveBack: () => undefined }),
  isHourFull: () => false,
}

function isWrite({ cost }: Sent): boolean {
  return cost === 'write'
}

/** The latest time at which each write arrived, in order; a write in flight may arrive now. */
function arrivalsOf(sent: readonly Sent[], now: number): number[] {
  return sent
    .filter(isWrite)
    .map(({ arrivedAt }) => Math.min(arrivedAt, now))
    .sort((one, other) => one - other)
}

function readyForPoints(sent: readonly Sent[], cost: Cost, now: number): number {
  const recent = sent.filter(({ arrivedAt }) => arrivedAt > now - minute)
  const most = cost === 'read' ? pointsPerMinute - pointsForWrites : pointsPerMinute
  let excess = recent.reduce((sum, each) => sum + pointsOf[each.cost], pointsOf[cost] - most)
  if (excess <= 0) return -Infinity
  for (const each of recent) {
    excess -= pointsOf[each.cost]
    if (excess <= 0) return Math.min(each.arrivedAt, now) + minute
  }
  return now + minute
}
