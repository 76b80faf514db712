/** The time of a decision, which remembers for how long the decision holds as far as time alone is concerned. */
export class Moment {
  /** ms, UTC. */
  readonly now: number
  /** The first moment, ms, UTC, at which a question that was asked would be answered otherwise; Infinity: there is none. */
  holdsUntil = Infinity

  constructor(now: number) {
    this.now = now
  }

  /** Whether `time` (ms, UTC) has come. Every rule that compares a time with now asks it, so that it is asked again in time. */
  hasCome(time: number): boolean {
    if (this.now >= time) return true
    this.holdsUntil = Math.min(this.holdsUntil, time)
    return false
  }
}
