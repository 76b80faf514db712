/** How a write goes out. */
export interface WriteOptions {
  /** Past the spacing of writes, at once: for what must be done in the seconds after a signal. */
  urgent: boolean
  /** After every other write that waits: for what nobody waits for. Left out: no. */
  last?: boolean
}
