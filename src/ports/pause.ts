/** A period in which nothing is sent to GitHub except urgent requests after a signal. */
export interface Pause {
  /**
   * `primary`: the hourly limit of the token is used up. `secondary`: GitHub asked to slow down.
   * `writes`: as many writes as GitHub allows in an hour were sent; only writes wait.
   */
  limit: 'primary' | 'secondary' | 'writes'
  /** When it starts and when it ends, ms since the epoch, UTC, by the clock port. */
  at: number
  until: number
}
