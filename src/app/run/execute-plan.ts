import { drive } from '../../engine/build/drive.js'
import { failureText } from '../../lib/failure-text.js'
import { createId } from '../../model/build/orchestration-id.js'
import type { Plan, RunOptions } from '../../model/build/plan.js'
import type { Journal } from '../../ports/journal.js'
import type { Store } from '../../ports/store.js'
import { driveToEnd } from './drive-to-end.js'
import type { DriveOptions, Driven } from './drive-to-end.js'
import { stop } from '../problem.js'
import type { Result, Stopped } from '../problem.js'
import { withPruning } from '../history/prune-history.js'

export { isFollowable, leftRuns } from '../../engine/build/decide/directives/superseding.js'

export interface ExecutePlanOptions extends DriveOptions {
  store: Store
  /** Numbers in [0, 1). */
  random: () => number
  /** Shows the user a line that belongs to no report. */
  note: (text: string) => void
  plan: Plan
  runOptions: RunOptions
}

/** Drives a new orchestration of a plan to its end, with a journal of its own. */
export async function executePlan(options: ExecutePlanOptions): Promise<Driven | Stopped> {
  const { clock, store, random, note, plan, runOptions } = options
  const id = createId(clock.now(), random)
  const created = await createJournal(store, id, plan.branch)
  if (!created.ok) return { kind: 'stopped', problems: created.problems }
  return driveToEnd({
    ...options,
    journal: withPruning(created.value, { store, clock, note }),
    begin: (ports) => drive(ports, { id, plan, options: runOptions }),
  })
}

async function createJournal(store: Store, id: string, branch: string): Promise<Result<Journal>> {
  try {
    const created = await store.create(id, branch)
    if (created.kind === 'held') throw new Error(`the new id ${id} is taken by ${created.driver.name}`)
    return { ok: true, value: created.journal }
  } catch (error) {
    return stop({
      kind: 'failed',
      message: `the journal ${store.locationOf(id)} cannot be written: ${failureText(error)}`,
      why: 'without it nothing could be found again after an interruption, so nothing was started',
      remedy: 'Make room or give write access there, then run again.',
    })
  }
}
