import type { Clock } from '../../ports/clock.js'

/** Wakes the loop at one time. */
export interface Alarm {
  /** Replaces the time of the alarm, ms, UTC; `Infinity` turns it off. Setting the same time again changes nothing. */
  set: (time: number) => void
}

export function createAlarm(clock: Clock, ring: () => void): Alarm {
  let setFor = Infinity
  // A controller is expensive to create and the alarm is set after every event: a controller that was not aborted is reused.
  let off = new AbortController()
  const turnOff = (): void => {
    if (setFor === Infinity) return
    // The reason is explicit because abort without one creates an error with its stack.
    off.abort('alarm changed')
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
