import type { SetupReport, SetupResult, UnreadableSetup } from '../../model/setup.js'
import { applySetup, hasWork, resultOf } from './apply-setup.js'
import type { ApplySetupOptions } from './apply-setup.js'
import { readSetup } from './read-setup.js'
import type { ReadSetupOptions } from './read-setup.js'

/** What `orch setup` would do. */
export interface PlannedSetup {
  /** As a dry run shows it. */
  report: SetupReport
  /** Whether anything is to be done. */
  isNeeded: boolean
  /** Does it. What cannot be done in one repository stops no other one. */
  apply: () => Promise<SetupReport>
}

/** Reads what is there and decides what is to be done. Changes nothing before `apply`. */
export async function planSetUp(options: ReadSetupOptions & ApplySetupOptions): Promise<PlannedSetup> {
  const { isRemoval } = options
  const { repositories, unreadable } = await readSetup(options)
  const unread = unreadable.map(notRead)
  const planned = repositories.map((setup) => resultOf(setup, hasWork(setup) ? 'planned' : 'unchanged'))
  return {
    report: { isDryRun: true, isRemoval, results: [...planned, ...unread] },
    isNeeded: planned.some(({ kind }) => kind === 'planned'),
    apply: async () => {
      const results = await Promise.all(repositories.map((setup) => applySetup(options, setup)))
      return { isDryRun: false, isRemoval, results: [...results, ...unread] }
    },
  }
}

function notRead({ repo, failure }: UnreadableSetup): SetupResult {
  return { repo, kind: 'failed', setup: null, pullRequest: null, failure }
}
