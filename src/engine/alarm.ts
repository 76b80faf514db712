import type { Clock } from '../ports/clock.js'

/** Wakes the loop at one moment. */
export interface Alarm {
  /** Sets it anew, ms, UTC; `Infinity` turns it off. One that is set for this moment already stays as it is. */
  set: (time: number) => void
}

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let setFor = Infinity
  let timer: AbortController | null = null
  return {
    set: (time) => {
      if (time === setFor) return
      // With a reason of ours: without one, abort makes an error with its stack, for every event again.
      timer?.abort('set anew')
      timer = null
      setFor = time
      if (time === Infinity) return
      const own = new AbortController()
      timer = own
      void clock.sleep(time - clock.now(), own.signal).then(() => {
        if (own.signal.aborted) return
        setFor = Infinity
        timer = null
        ring()
      })
    },
  }
}
