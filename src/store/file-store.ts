import { findLockOwner } from '../lib/lock-file.js'
import type { Driver } from '../model/build/history.js'
import type { Clock } from '../ports/clock.js'
import type { JournalReading, Store, TailedJournal, TailOptions } from '../ports/store.js'
import { createCancelRequest } from './cancel-request.js'
import { listJournals, listJournalsOf } from './list-journals.js'
import { journalDirectory, journalPath, lockPath } from './paths.js'
import { poll } from './poll.js'
import { driverWith } from './processes.js'
import type { StoreProcesses } from './processes.js'
import { readJournal } from './read-journal.js'

export interface FileStoreOptions {
  /** Absolute path of the state directory (`.orch`). Created when the first journal is. */
  stateDirectory: string
  processes: StoreProcesses
  clock: Clock
}

/** A store in a folder: one file per journal, and beside it the lock of the process that drives it. */
export function createFileStore({ stateDirectory, processes, clock }: FileStoreOptions): Store {
  const readDriver = async (id: string): Promise<Driver | null> => {
    const owner = await findLockOwner(lockPath(stateDirectory, id), processes)
    return owner && driverWith(owner.pid)
  }
  const readEvents = async (id: string): Promise<JournalReading> => {
    const reading = await readJournal(stateDirectory, id)
    if (reading.kind !== 'read') return reading
    return reading.events.length === 0 ? { kind: 'empty' } : { kind: 'events', events: reading.events }
  }

  // Modules that the first request to GitHub does not need are loaded on use.
  async function* tail(id: string, options: TailOptions): AsyncGenerator<TailedJournal, void, void> {
    const { tailJournal } = await import('./tail-journal.js')
    const journal = tailJournal(stateDirectory, id)
    yield* poll(clock, options, async () => ({ driver: await readDriver(id), reading: await journal.read() }))
  }

  return {
    location: journalDirectory(stateDirectory),
    locationOf: (id) => journalPath(stateDirectory, id),
    list: (branch) =>
      new Promise((resolve) =>
        resolve(branch === undefined ? listJournals(stateDirectory) : listJournalsOf(stateDirectory, branch)),
      ),
    read: async (id) => ({ driver: await readDriver(id), reading: await readEvents(id) }),
    create: async (id, branch) => {
      const { createJournal } = await import('./open-journal.js')
      return createJournal({ stateDirectory, id, branch, processes })
    },
    takeOver: async (id) => {
      const { reopenJournal } = await import('./open-journal.js')
      return reopenJournal({ stateDirectory, id, processes })
    },
    tail,
    cancelRequest: (id) => createCancelRequest(stateDirectory, id, processes),
    prune: async (options) => {
      const { pruneJournals } = await import('./prune-journals.js')
      return pruneJournals({ ...options, stateDirectory, processes })
    },
  }
}
