import type { Clock } from '../ports/clock.js'

/** A request had no complete answer within its deadline. */
export class DeadlineExceeded extends Error {
  readonly ms: number
  constructor(ms: number) {
    super(`no answer within ${ms / 1000} s`)
    this.name = 'DeadlineExceeded'
    this.ms = ms
  }
}

/**
 * What `work` resolves to, if it does so within `ms` by the clock.
 * Rejects with DeadlineExceeded otherwise, and aborts the signal that `work` was given; `closed` aborts it too. `Infinity` sets no deadline.
 */
export async function withDeadline<T>(
  clock: Clock,
  { ms, closed }: { ms: number; closed: AbortSignal },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const request = new AbortController()
  const timer = new AbortController()
  // Not AbortSignal.any: a signal that lives as long as the process would keep every request's.
  const giveUp = (): void => request.abort()
  closed.addEventListener('abort', giveUp, { once: true })
  if (closed.aborted) giveUp()
  try {
    const working = work(request.signal)
    if (ms === Infinity) return await working
    const late = clock.sleep(ms, timer.signal).then(() => 'late' as const)
    const first = await Promise.race([working.then((value) => ({ value })), late])
    if (first !== 'late') return first.value
    request.abort()
    // The abort rejects `working` as well, after the race is over: the reader is told of the deadline instead.
    working.catch(() => undefined)
    throw new DeadlineExceeded(ms)
  } finally {
    timer.abort()
    closed.removeEventListener('abort', giveUp)
  }
}
