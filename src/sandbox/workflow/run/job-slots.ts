/** A limit on how many jobs execute at the same time. */
export interface JobSlots {
  /** Waits for a free slot, first come, first served. Returns a function that releases it, or undefined if `signal` aborts first. */
  take(signal: AbortSignal): Promise<(() => void) | undefined>
}

/** Creates `count` slots, at least one. */
export function createJobSlots(count: number): JobSlots {
  let free = Math.max(1, count)
  const waiting: (() => void)[] = []
  const release = (): void => {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }
  const onlyOnce = (): (() => void) => {
    let released = false
    return () => {
      if (!released) release()
      released = true
    }
  }
  return {
    take: (signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve(undefined)
        if (free > 0) {
          free -= 1
          return resolve(onlyOnce())
        }
        const giveUp = (): void => {
          waiting.splice(waiting.indexOf(enter), 1)
          resolve(undefined)
        }
        const enter = (): void => {
          signal.removeEventListener('abort', giveUp)
          resolve(onlyOnce())
        }
        waiting.push(enter)
        signal.addEventListener('abort', giveUp, { once: true })
      }),
  }
}
