import type { Clock } from '../../ports/clock.js'

/** Wakes the loop at one time. */
export interface Alarm {
  /** Replaces the time of the alarm, ms, UTC; `Infinity`: it does not ring. Setting the same time again changes nothing. */
  set: (time: number) => void
  /** Ends the alarm: it neither rings nor sleeps any more. */
  close: () => void
}

/**
 * The alarm is set after every event, mostly for a later time. A sleep that has begun is therefore not aborted, but continued if its end
 * comes too early.
 */
export function createAlarm(clock: Clock, ring: () => void): Alarm {
  const closing = new AbortController()
  let setFor = Infinity
  /** The ends of the sleeps that have begun, ms, UTC. Each began for an earlier end than those before it, so the last one ends first. */
  const sleeps: number[] = []
  const sleep = (): void => {
    if (setFor >= (sleeps.at(-1) ?? Infinity)) return
    sleeps.push(setFor)
    void clock.sleep(setFor - clock.now(), closing.signal).then(() => {
      sleeps.pop()
      if (closing.signal.aborted) return
      if (clock.now() < setFor) return sleep()
      setFor = Infinity
      ring()
    })
  }
  return {
    set: (time) => {
      setFor = time
      sleep()
    },
    // The reason is explicit because abort without one creates an error with its stack.
    close: () => closing.abort('alarm closed'),
  }
}
