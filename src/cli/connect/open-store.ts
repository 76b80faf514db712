import type { Clock } from '../../ports/clock.js'
import type { Store } from '../../ports/store.js'
import { createFileStore } from '../../store/file-store.js'
import type { FileStoreOptions } from '../../store/file-store.js'
import type { LoadedGraph } from './graph-file.js'

/** The part of the process that the store uses. */
export interface StoreContext {
  clock: Clock
  processes: FileStoreOptions['processes']
}

/** The store with the orchestrations of a graph file. */
export function openStore({ clock, processes }: StoreContext, { historyDirectory }: LoadedGraph): Store {
  return createFileStore({ stateDirectory: historyDirectory, processes, clock })
}
