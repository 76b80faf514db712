/** Node's timers take 32-bit milliseconds and fire a longer one at once. A longer sleep returns early, and the caller sleeps again. */
const maxSleepMs = 2 ** 31 - 1

/** The clock of this machine, as the core wants it. */
export const systemClock = {
  now: (): number => Date.now(),
  // Not `node:timers/promises`: it creates an error with its stack for each sleep that is aborted, and nearly all are.
  sleep: (ms: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const wake = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', wake)
        resolve()
      }
      const timer = setTimeout(wake, Math.min(ms, maxSleepMs))
      signal?.addEventListener('abort', wake)
    }),
}
