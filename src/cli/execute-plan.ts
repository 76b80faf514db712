import { drive } from '../engine/build/drive.js'
import { createId } from '../model/build/orchestration-id.js'
import type { Plan, RunOptions } from '../model/build/plan.js'
import type { Journal } from '../ports/journal.js'
import type { Store } from '../ports/store.js'
import type { Context } from './context.js'
import { driveToEnd } from './drive-to-end.js'
import type { Driven } from './drive-to-end.js'
import { failureText } from '../lib/failure-text.js'
import { stop } from '../app/problem.js'
import type { Result } from '../app/problem.js'
import { withPruning } from '../app/history/prune-history.js'
import type { Session } from './session.js'
import type { Messages } from './terminal-messages.js'

export { exitCodeOfDriven } from './drive-to-end.js'
export { isFollowable, leftRuns } from '../engine/build/decide/superseding.js'

/** Drives a new orchestration of this plan to its end, with a journal of its own. */
export async function executePlan(
  context: Context,
  messages: Messages,
  session: Session,
  plan: Plan,
  options: RunOptions,
  asJson: boolean,
): Promise<Result<Driven>> {
  const id = createId(context.clock.now(), context.random)
  const journal = await openJournal(session.store, id)
  if (!journal.ok) return journal
  const value = await driveToEnd(context, messages, session, {
    journal: withPruning(journal.value, { store: session.store, clock: context.clock, note: messages.note }),
    asJson,
    begin: (ports) => drive(ports, plan.graph, { id, plan, options }),
  })
  return { ok: true, value }
}

async function openJournal(store: Store, id: string): Promise<Result<Journal>> {
  try {
    const opened = await store.create(id)
    if (opened.kind === 'held') throw new Error(`the new id ${id} is taken by ${opened.driver.name}`)
    return { ok: true, value: opened.journal }
  } catch (error) {
    return stop({
      kind: 'failed',
      message: `the journal ${store.locationOf(id)} cannot be written: ${failureText(error)}`,
      why: 'without it nothing could be found again after an interruption, so nothing was started',
      remedy: 'Make room or give write access there, then run again.',
    })
  }
}
