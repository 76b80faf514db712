import { fullAfterWrite, readyInBucket, readyInHour } from '../model/write-limits.js'

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

/** GitHub's "About secondary rate limits": 900 points a minute, of which a GET takes one and a POST five. */
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
      const writes = writesOf(sent)
      return Math.max(points, readyInBucket(writes.reduce(fullAfterWrite, -Infinity)), readyInHour(writes))
    },
    take: (cost, now) => {
      const one: Sent = { at: now, cost }
      sent.push(one)
      return () => {
        sent = sent.filter((each) => each !== one)
      }
    },
    isHourFull: (now) => readyInHour(writesOf(sent)) > now,
  }
}

/** Nothing is held back: for a server on this machine. */
export const openBudget: Budget = {
  readyAt: () => -Infinity,
  take: () => () => undefined,
  isHourFull: () => false,
}

/** When the writes left. */
function writesOf(sent: readonly Sent[]): number[] {
  return sent.filter(({ cost }) => cost === 'write').map(({ at }) => at)
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
