import { cancelRun } from '../../../src/flows/cancel-run.js'
import { createLocalFlows } from '../../../src/flows/local/local-flows.js'
import { temporaryRunFolders } from '../../../src/flows/local/run-folder.js'
import { signalGroup } from '../../../src/lib/signal-group.js'
import { systemClock } from '../../../src/lib/system-clock.js'
import type { FlowService } from '../../../src/service/flows/flow-service.js'
import { createMemoryFlowStore } from '../../../src/store/flows/memory-flow-store.js'

/** The flows of a folder, executed in this process without a queue. */
export function createLocalFlowService(directory: string): FlowService {
  const { ports, driver } = createLocalFlows({
    root: directory,
    store: createMemoryFlowStore(),
    openFolder: temporaryRunFolders,
    removeFolder: () => Promise.resolve(),
    keptMs: Infinity,
    clock: systemClock,
    environment: process.env,
    signalGroup,
    github: null,
  })
  return {
    ports,
    advance: async () => {
      const open = await ports.store.openRuns()
      // A failure is a bug of the test's store, and fails the test as an unhandled rejection.
      void driver.untilEnded(open.map(({ id }) => id))
    },
    cancel: (runId, by) => cancelRun(ports, runId, by),
    prune: () => Promise.resolve(),
    run: () => Promise.resolve(),
  }
}
