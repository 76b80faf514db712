import type { Clock } from '../../ports/clock.js'

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
 * Resolves to the result of `work` if it resolves within `ms` by the clock.
 * Rejects with DeadlineExceeded otherwise, and aborts the signal of `request`, which `work` was given. `Infinity` sets no deadline.
 */
export async function withDeadline<T>(
  clock: Clock,
  { ms, request }: { ms: number; request: AbortController },
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const timer = new AbortController()
  const working = work(request.signal)
  if (ms === Infinity) return working
  const late = clock.sleep(ms, timer.signal).then(() => 'late' as const)
  try {
    const first = await Promise.race([working.then((value) => ({ value })), late])
    if (first !== 'late') return first.value
    request.abort()
    // The abort also rejects `working` after the race is over: the caller gets the deadline instead.
    working.catch(() => undefined)
    throw new DeadlineExceeded(ms)
  } finally {
    // A reason of its own spares the DOMException with a stack trace that each abort would create.
    timer.abort(null)
  }
}
