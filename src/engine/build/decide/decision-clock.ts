/** The time of a decision. It records until when the decision is valid if only time passes. */
export class DecisionClock {
  /** ms, UTC. */
  readonly now: number
  /** The first time, ms, UTC, at which a call of `isDue` would return another answer; Infinity if there is none. */
  validUntil = Infinity

  constructor(now: number) {
    this.now = now
  }

  /** Whether `time` (ms, UTC) has come. Every rule that compares a time with now must call it, so that the decision is made again in time. */
  isDue(time: number): boolean {
    if (this.now >= time) return true
    this.validUntil = Math.min(this.validUntil, time)
    return false
  }
}
