import type { Clock } from '../../ports/clock.js'
import type { Pause } from '../../ports/pause.js'
import type { Budget, Cost, Taken } from './budget.js'
import { never, type Shutdown } from '../http/shutdown.js'
import type { RequestPause } from './pause.js'
import { NoAnswer, NotSent } from '../http/no-answer.js'

/** The order in which requests leave. An `urgent` request never waits: a process that received a signal has only seconds. */
export type RequestLane = 'urgent' | QueuedLane
type QueuedLane = 'dispatch' | 'cancel' | 'status' | 'job-status' | 'read'

/** The queue in which every request to GitHub waits for its turn. */
export interface Limiter {
  /**
   * Sends when it is this request's turn: after a pause and within the budget. Writes leave by the rank of their lane; reads do not wait for them.
   * Rejects with NoAnswer if nothing was sent because the limit lasts too long.
   */
  admit: <T>(turn: RequestLane, send: () => Promise<T>) => Promise<T>
}

export interface LimiterOptions {
  clock: Clock
  pause: RequestPause
  budget: Budget
  /** Called when the hourly budget for writes is used up and the next write has a long wait. */
  onPause: (pause: Pause) => void
  shutdown: Shutdown
}

/** The lanes of writes, the most important one first. */
const writeLanes = ['dispatch', 'cancel', 'status', 'job-status'] as const
/** Together with the reads (`requests.ts`) and urgent requests, it stays below the 100 concurrent requests that GitHub allows. */
const writesAtOnce = 40
/** A wait for the hourly budget of at least this length is reported, ms. */
const longWait = 10_000

interface Waiting {
  go: (taken: Taken) => void
  refuse: (error: Error) => void
}

export function createLimiter(options: LimiterOptions): Limiter {
  const { clock, pause, budget, shutdown } = options
  const queues: Record<QueuedLane, Waiting[]> = { dispatch: [], cancel: [], status: [], 'job-status': [], read: [] }
  const underWay: Record<Cost, number> = { read: 0, write: 0 }
  let timer: { at: number; stop: AbortController } | null = null
  let reportedHourUntil = -Infinity

  const begin = (cost: Cost): Taken => {
    underWay[cost] += 1
    return budget.take(cost, clock.now())
  }

  const queueOf = (cost: Cost): Waiting[] | undefined =>
    (cost === 'read' ? (['read'] as const) : writeLanes).map((lane) => queues[lane]).find((queue) => queue.length > 0)

  /** When the next request of this cost may leave, by time alone; Infinity: none waits, or another one must be answered first. */
  const nextAt = (cost: Cost): number => {
    if (!queueOf(cost) || (cost === 'write' && underWay.write >= writesAtOnce)) return Infinity
    return Math.max(pause.endsAt() ?? -Infinity, budget.readyAt(cost, clock.now()))
  }

  const refuseAll = (error: Error): void => {
    for (const queue of Object.values(queues)) for (const { refuse } of queue.splice(0)) refuse(error)
  }

  const letGo = (): void => {
    if (shutdown.isShutDown()) return
    const refusal = pause.refusal()
    if (refusal) return refuseAll(refusal)
    for (const cost of ['write', 'read'] as const) {
      while (nextAt(cost) <= clock.now()) queueOf(cost)?.shift()?.go(begin(cost))
    }
    wait(Math.min(nextAt('write'), nextAt('read')))
    reportFullHour()
  }

  const wait = (at: number): void => {
    if (timer?.at === at) return
    timer?.stop.abort()
    timer = null
    if (at === Infinity) return
    const own = { at, stop: new AbortController() }
    timer = own
    void clock.sleep(at - clock.now(), own.stop.signal).then(() => {
      if (timer !== own) return
      timer = null
      letGo()
    })
  }

  const reportFullHour = (): void => {
    const now = clock.now()
    if (pause.endsAt() !== null || !queueOf('write') || !budget.isHourFull(now)) return
    const until = budget.readyAt('write', now)
    if (until - now < longWait || until < reportedHourUntil + longWait) return
    reportedHourUntil = until
    options.onPause({ limit: 'writes', at: now, until })
  }

  const turnOf = (turn: QueuedLane): Promise<Taken> =>
    new Promise((resolve, reject) => {
      queues[turn].push({ go: resolve, refuse: (error) => reject(new NoAnswer(error)) })
      letGo()
    })

  shutdown.onShutdown(() => wait(Infinity))
  return {
    admit: async (turn, send) => {
      const cost = turn === 'read' ? 'read' : 'write'
      if (shutdown.isShutDown()) return never()
      const taken = turn === 'urgent' ? begin(cost) : await turnOf(turn)
      try {
        return await send()
      } catch (error) {
        if (error instanceof NoAnswer && error.cause instanceof NotSent) taken.giveBack()
        throw error
      } finally {
        underWay[cost] -= 1
        taken.arrived(clock.now())
        letGo()
      }
    },
  }
}
