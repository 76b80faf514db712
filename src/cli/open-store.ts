import type { Store } from '../ports/store.js'
import { createFileStore } from '../store/file-store.js'
import type { Context } from './context.js'
import type { LoadedGraph } from './graph-file.js'

/** The orchestrations kept beside a graph file. */
export function openStore({ processes, clock }: Context, { historyDirectory }: LoadedGraph): Store {
  return createFileStore({ stateDirectory: historyDirectory, processes, clock })
}
