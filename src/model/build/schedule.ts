import type { TimedJob } from './critical-path.js'
import { fullAfterWrite, readyInBucket, readyInHour, readyInMinute } from '../write-limits.js'

/** Which of GitHub's limits on writes are kept. */
export interface KeptLimits {
  /** 80 writes a minute, of which `burst` leave at once and then one each `refillMs`. */
  minute: boolean
  /** 500 writes an hour. */
  hour: boolean
}

/** What one orchestration has to do, if every build succeeds. */
export interface Work {
  /** In a topological order. `isBuilt`: it is dispatched; one that is not takes no time and keeps its place in the order. */
  jobs: readonly (TimedJob & { isBuilt: boolean })[]
  /** Of ready jobs the one with the lowest number starts first; ties keep the order of `jobs`. */
  ranks: ReadonlyMap<string, number>
  /** How many jobs may be dispatched or running at once. */
  maxParallel: number
  /** Statuses that must be posted before anything is dispatched. */
  claims: number
  /** Statuses that are posted when every job is settled. */
  successes: number
  /** Whether each built job leaves a status when it is settled. */
  postsJobStatuses: boolean
}

/** When it is done, ms since its start. */
export interface Schedule {
  /** The end of the last build. */
  builtMs: number
  /** The last success posted; `builtMs` where none is. */
  unlockedMs: number
  /** The end of the last build and the last write of any kind. */
  doneMs: number
}

/**
 * Plays an orchestration whose builds take as long as expected: jobs start when their needs are settled and a place is free, and every
 * write waits for its turn as in the limiter: dispatches first, then the statuses of the change, then those of jobs. What a request itself
 * takes is left out, and so is what the token wrote before.
 */
export function playSchedule(work: Work, limits: KeptLimits): Schedule {
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

/** How far the jobs have come. */
interface Progress {
  /** The ready job that goes first, and how long its build takes, ms; null: none is ready. It is not ready any more. */
  takeReady: () => { id: string; ms: number } | null
  settle: (id: string) => void
  /** True once: when every job is settled. */
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
    // The list grows while it is walked: what is not built is settled at once, and may make others ready.
    const opened = [first]
    for (const index of opened) {
      if (jobs[index]?.isBuilt) insert(ready, index, goesFirst)
      else opened.push(...settle(index))
    }
  }
  /** @returns what is ready from now on. */
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

/** Lets writes through as `budget.ts` does for a token that wrote nothing before. */
function createWriteGate({ minute, hour }: KeptLimits) {
  const times: number[] = []
  let fullAt = -Infinity
  const readyAt = (): number =>
    Math.max(
      minute ? Math.max(readyInBucket(fullAt), readyInMinute(times)) : -Infinity,
      hour ? readyInHour(times) : -Infinity,
    )
  return {
    readyAt,
    /** Writes `count` times as soon as may be. @returns when the last of them left, ms. */
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

/** Puts an item where it belongs in a list whose last item goes first; what is equal stays behind what was there before. */
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
