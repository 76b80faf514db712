import { createHook } from 'node:async_hooks'

/** Requests to the disk, and child processes, as node's async hooks name them. */
const kinds = new Set(['FSREQPROMISE', 'FSREQCALLBACK', 'FILEHANDLECLOSEREQ', 'PROCESSWRAP'])

const underWay = new Set<number>()

const hook = createHook({
  init(id, kind) {
    if (kinds.has(kind)) underWay.add(id)
  },
  // Called when the answer is handed over: then the work itself is done.
  before(id) {
    underWay.delete(id)
  },
  destroy(id) {
    underWay.delete(id)
  },
})

/** Begins to watch what this process waits for outside of its event loop; the function returned tells whether there is anything. */
export function watchMachineWork(): () => boolean {
  hook.enable()
  return () => underWay.size > 0
}
