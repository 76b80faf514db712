import type { Clock } from '../ports/clock.js'

/** GitHub's time, learned from its answers: the local clock may be wrong by hours and is only trusted to go on. */
export interface ServerTime {
  note: (headers: Headers) => void
  /** ms since the epoch, UTC; null: nothing was learned yet. */
  read: () => number | null
}

export function createServerTime(clock: Clock): ServerTime {
  let offset: number | null = null
  return {
    note: (headers) => {
      const time = Date.parse(headers.get('date') ?? '')
      if (!Number.isNaN(time)) offset = time - clock.now()
    },
    read: () => (offset === null ? null : clock.now() + offset),
  }
}
