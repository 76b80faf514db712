/** A time in which nothing is sent to GitHub but what a signal asks for. */
export interface Pause {
  /**
   * `primary`: the hourly limit of the token is used up. `secondary`: GitHub asks to slow down.
   * `writes`: as many writes as GitHub allows in an hour have left; only writes wait.
   */
  limit: 'primary' | 'secondary' | 'writes'
  /** When it began and when it ends, ms since the epoch, UTC, by the clock port. */
  at: number
  until: number
}
