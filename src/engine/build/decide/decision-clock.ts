/** The time of a decision, which remembers for how long the decision holds as far as time alone is concerned. */
export class DecisionClock {
  /** ms, UTC. */
  readonly now: number
  /** The first moment, ms, UTC, at which a question that was asked would be answered otherwise; Infinity: there is none. */
  validUntil = Infinity

  constructor(now: number) {
    this.now = now
  }

  /** Whether `time` (ms, UTC) has come. Every rule that compares a time with now asks it, so that it is asked again in time. */
  isDue(time: number): boolean {
    if (this.now >= time) return true
    this.validUntil = Math.min(this.validUntil, time)
    return false
  }
}
