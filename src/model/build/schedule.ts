import type { TimedJob } from './critical-path.js'
import { fullAfterWrite, readyInBucket, readyInHour, readyInMinute } from '../write-limits.js'

/** Which of GitHub's limits on writes apply. */
export interface AppliedLimits {
  /** 80 writes a minute: `burst` at once, then one each `refillMs`. */
  minute: boolean
  /** 500 writes an hour. */
  hour: boolean
}

/** The work of one orchestration, if every build succeeds. */
export interface Work {
  /** In topological order. `isBuilt`: the job is dispatched; one that is not takes no time and keeps its place in the order. */
  jobs: readonly (TimedJob & { isBuilt: boolean })[]
  /** The ready job with the lowest rank starts first; ties keep the order of `jobs`. */
  ranks: ReadonlyMap<string, number>
  /** How many jobs may be dispatched or running at once. */
  maxParallel: number
  /** Statuses that must be posted before anything is dispatched. */
  claims: number
  /** Statuses that are posted when every job is settled. */
  successes: number
  /** Whether each built job posts a status when it is settled. */
  postsJobStatuses: boolean
}

/** The result of a simulation, ms since the start. */
export interface Schedule {
  /** The end of the last build. */
  builtMs: number
  /** When the last success is posted; `builtMs` if there is none. */
  unlockedMs: number
  /** The end of the last build and the last write of any kind. */
  doneMs: number
}

/**
 * Simulates an orchestration whose builds take as long as expected: jobs start when their needs are settled and a slot is free, and writes
 * wait as in the limiter: dispatches first, then the statuses of the change, then those of jobs. Ignores the duration of requests and
 * earlier writes of the token.
 */
export function simulateSchedule(work: Work, limits: AppliedLimits): Schedule {
  const graph = createProgress(work)
  const gate = createWriteGate(limits)
  const running: { id: string; endsAt: number }[] = []
  const waiting = { dispatches: [] as { id: string; ms: number }[], successes: 0, jobStatuses: 0 }
  const done: Schedule = { builtMs: 0, unlockedMs: 0, doneMs: 0 }
  let now = gate.write(0, work.claims)
  done.doneMs = now

  const start = (): void => {
    while (running.length + waiting.dispatches.length < work.maxParallel) {
      const job = graph.takeReady()
      if (!job) break
      waiting.dispatches.push(job)
    }
    if (graph.takeEnd()) waiting.successes = work.successes
  }
  const end = (id: string): void => {
    done.builtMs = now
    if (work.postsJobStatuses) waiting.jobStatuses += 1
    graph.settle(id)
  }
  const write = (): void => {
    now = gate.write(now, 1)
    const job = waiting.dispatches.shift()
    if (job) return insert(running, { id: job.id, endsAt: now + job.ms }, (a, b) => a.endsAt < b.endsAt)
    if (waiting.successes > 0) {
      waiting.successes -= 1
      done.unlockedMs = now
    } else {
      waiting.jobStatuses -= 1
    }
  }

  for (;;) {
    start()
    const isWriting = waiting.dispatches.length + waiting.successes + waiting.jobStatuses > 0
    const writesAt = isWriting ? Math.max(now, gate.readyAt()) : Infinity
    const next = running.at(-1)
    if (next && next.endsAt <= writesAt) {
      now = next.endsAt
      running.pop()
      end(next.id)
    } else if (isWriting) {
      write()
    } else {
      done.unlockedMs = Math.max(done.unlockedMs, done.builtMs)
      return done
    }
    done.doneMs = now
  }
}

/** The progress of the jobs. */
interface Progress {
  /** Removes the first ready job and returns it with the duration of its build, ms; null: none is ready. */
  takeReady: () => { id: string; ms: number } | null
  settle: (id: string) => void
  /** Returns true once, when every job is settled. */
  takeEnd: () => boolean
}

function createProgress({ jobs, ranks }: Work): Progress {
  const indexes = new Map(jobs.map(({ id }, index) => [id, index]))
  const missing = jobs.map(({ needs }) => needs.length)
  const dependents = jobs.map((): number[] => [])
  jobs.forEach(({ needs }, index) => {
    for (const need of needs) dependents[indexes.get(need) ?? -1]?.push(index)
  })
  const ready: number[] = []
  const rankOf = (index: number): number => ranks.get(jobs[index]?.id ?? '') ?? 0
  const goesFirst = (a: number, b: number): boolean => rankOf(a) < rankOf(b) || (rankOf(a) === rankOf(b) && a < b)
  let unsettled = jobs.length
  let hasEnded = false

  const open = (first: number): void => {
    // The list grows during the iteration: a job that is not built is settled at once, and may make others ready.
    const opened = [first]
    for (const index of opened) {
      if (jobs[index]?.isBuilt) insert(ready, index, goesFirst)
      else opened.push(...settle(index))
    }
  }
  /** @returns the jobs that become ready. */
  const settle = (settled: number): number[] => {
    unsettled -= 1
    return (dependents[settled] ?? []).filter((index) => {
      missing[index] = (missing[index] ?? 0) - 1
      return missing[index] === 0
    })
  }

  jobs.forEach(({ needs }, index) => {
    if (needs.length === 0) open(index)
  })
  return {
    takeReady: () => {
      const job = jobs[ready.pop() ?? -1]
      return job ? { id: job.id, ms: job.expectedMs } : null
    },
    settle: (id) => settle(indexes.get(id) ?? -1).forEach(open),
    takeEnd: () => {
      if (hasEnded || unsettled > 0) return false
      hasEnded = true
      return true
    },
  }
}

/** Delays writes as `budget.ts` does for a token without earlier writes. */
function createWriteGate({ minute, hour }: AppliedLimits) {
  const times: number[] = []
  let fullAt = -Infinity
  const readyAt = (): number =>
    Math.max(
      minute ? Math.max(readyInBucket(fullAt), readyInMinute(times)) : -Infinity,
      hour ? readyInHour(times) : -Infinity,
    )
  return {
    readyAt,
    /** Writes `count` times as soon as allowed. @returns when the last write was sent, ms. */
    write: (from: number, count: number): number => {
      let now = from
      for (let left = count; left > 0; left -= 1) {
        now = Math.max(now, readyAt())
        fullAt = fullAfterWrite(fullAt, now)
        times.push(now)
      }
      return now
    },
  }
}

/** Inserts an item into a sorted list whose last item goes first; after equal items that were there before. */
function insert<T>(list: T[], item: T, goesFirst: (a: T, b: T) => boolean): void {
  let from = 0
  let to = list.length
  while (from < to) {
    const middle = (from + to) >> 1
    const other = list[middle]
    if (other !== undefined && goesFirst(item, other)) from = middle + 1
    else to = middle
  }
  list.splice(from, 0, item)
}
