import { createHook } from 'node:async_hooks'

/** Disk requests and child processes, by their names in node's async hooks. */
const kinds = new Set(['FSREQPROMISE', 'FSREQCALLBACK', 'FILEHANDLECLOSEREQ', 'PROCESSWRAP'])

const underWay = new Set<number>()

const hook = createHook({
  init(id, kind) {
    if (kinds.has(kind)) underWay.add(id)
  },
  // Called when the answer is delivered: the work itself is done then.
  before(id) {
    underWay.delete(id)
  },
  destroy(id) {
    underWay.delete(id)
  },
})

/** Starts to track the work of this process outside of its event loop; the returned function reports whether there is any. */
export function watchMachineWork(): () => boolean {
  hook.enable()
  return () => underWay.size > 0
}
