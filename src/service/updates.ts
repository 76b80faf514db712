import type { Database } from './database/database.js'
import type { Updates } from './http/streams.js'

/** Reports to the pages that something may have changed, in this process or in another one. */
export interface UpdateFeed extends Updates {
  /** Something has changed in this process. */
  changed(): void
  start(): Promise<void>
  close(): Promise<void>
}

/** The channels on which processes tell each other of changes that the pages show. */
export function createUpdates(database: Database, channels: readonly string[]): UpdateFeed {
  const listeners = new Set<() => void>()
  const changed = (): void => {
    for (const listener of listeners) listener()
  }
  let stops: (() => Promise<void>)[] = []
  return {
    changed,
    subscribe: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start: async () => {
      stops = await Promise.all(channels.map((channel) => database.listen(channel, changed)))
    },
    close: async () => {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}
