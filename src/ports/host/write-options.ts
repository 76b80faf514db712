/** The priority of a write. */
export interface WriteOptions {
  /** Skips the queue of writes: for what must be sent within seconds after a signal. */
  urgent: boolean
  /** Sent after every other waiting write. Absent: no. */
  last?: boolean
}
