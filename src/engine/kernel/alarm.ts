import type { Clock } from '../../ports/clock.js'

/** Wakes the loop at one moment. */
export interface Alarm {
  /** Sets it anew, ms, UTC; `Infinity` turns it off. One that is set for this moment already stays as it is. */
  set: (time: number) => void
}

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let setFor = Infinity
  // Dear to make, and it is set for every event: one that was not needed to turn the alarm off serves the next time too.
  let off = new AbortController()
  const turnOff = (): void => {
    if (setFor === Infinity) return
    // With a reason of ours: without one, abort makes an error with its stack.
    off.abort('set anew')
    off = new AbortController()
    setFor = Infinity
  }
  return {
    set: (time) => {
      if (time === setFor) return
      turnOff()
      if (time === Infinity) return
      setFor = time
      const { signal } = off
      void clock.sleep(time - clock.now(), signal).then(() => {
        if (signal.aborted) return
        setFor = Infinity
        ring()
      })
    },
  }
}
