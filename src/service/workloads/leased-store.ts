import { failureText } from '../../lib/failure-text.js'
import type { Journal } from '../../ports/journal.js'
import type { Store } from '../../ports/store.js'
import type { Execution } from './execution.js'

export interface LeasedStore extends Store {
  /** Why a journal could not be opened, which another execution may be able to; undefined: nothing failed. */
  problem(): string | undefined
}

/**
 * The store as one execution of a workload sees it: the orchestration is recorded before its journal is created, so that a crash in between
 * loses nothing, and nothing is journaled from the time on at which another process may execute the workload.
 */
export function leasedStore(store: Store, { mayWrite, recordOrchestration }: Execution): LeasedStore {
  let problem: string | undefined
  const check = (): void => {
    if (!mayWrite()) throw new Error('this process has lost the workload')
  }
  const guard = (journal: Journal): Journal => ({
    append: async (event) => {
      check()
      await journal.append(event)
      // The process may have been suspended in between: the request that waits for this event must not be sent any more.
      check()
    },
    close: () => journal.close(),
  })
  const open = async <Opened extends { kind: string }>(work: () => Promise<Opened>): Promise<Opened> => {
    try {
      check()
      const opened = await work()
      if (isOpened(opened)) return { ...opened, journal: guard(opened.journal) }
      if (opened.kind === 'held') problem = 'another process drives the orchestration'
      return opened
    } catch (error) {
      problem = failureText(error)
      throw error
    }
  }
  return {
    ...store,
    problem: () => problem,
    create: (id, branch) =>
      open(async () => {
        await recordOrchestration(id)
        return store.create(id, branch)
      }),
    takeOver: (id) => open(() => store.takeOver(id)),
  }
}

function isOpened(opened: { kind: string }): opened is { kind: 'opened'; journal: Journal } {
  return opened.kind === 'opened'
}
