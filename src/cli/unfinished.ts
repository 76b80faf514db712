import { fold } from '../engine/apply.js'
import { lockPath } from '../journal/file-journal.js'
import { readLock } from '../journal/lock.js'
import { listJournals, readJournal } from '../journal/read-journal.js'
import type { Event } from '../model/events.js'
import type { Orchestration } from '../model/orchestration.js'
import type { Context } from './context.js'
import { failureText } from './failure-text.js'

/** An orchestration that has no ending yet. */
export interface Unfinished {
  id: string
  orchestration: Orchestration
  /** Where the last whole line of its journal ends. */
  wholeBytes: number
  /** The living process that drives it; null: none does. */
  pid: number | null
}

/** How far back an unfinished orchestration is looked for. */
const newest = 50

/** The latest unfinished orchestration, of this branch or (null) of any; journals that cannot be read are passed over: `orch list` names them. */
export async function findUnfinished(
  context: Context,
  stateDirectory: string,
  branch: string | null,
): Promise<Unfinished | null> {
  const ids = (await listJournals(stateDirectory)).reverse().slice(0, newest)
  for (const id of ids) {
    const reading = await readJournal(stateDirectory, id)
    // A journal without events belongs to a run that had not begun.
    if (reading.kind !== 'read' || reading.events.length === 0) continue
    const folded = foldJournal(reading.events)
    if (!folded.ok) continue
    const { orchestration } = folded
    if (orchestration.ending || (branch !== null && orchestration.plan.branch !== branch)) continue
    return { id, orchestration, wholeBytes: reading.wholeBytes, pid: await driverOf(context, stateDirectory, id) }
  }
  return null
}

/** A fold throws only for events that no orchestration could have written in this order: then the journal is damaged. */
export function foldJournal(
  events: readonly Event[],
): { ok: true; orchestration: Orchestration } | { ok: false; problem: string } {
  try {
    return { ok: true, orchestration: fold(events) }
  } catch (error) {
    return { ok: false, problem: failureText(error) }
  }
}

/** The living process that holds the journal; null: none does. */
export async function driverOf({ processes }: Context, stateDirectory: string, id: string): Promise<number | null> {
  const pid = await readLock(lockPath(stateDirectory, id))
  return pid !== null && processes.isAlive(pid) ? pid : null
}

/** How to get on with it. */
export function resumeAdvice({ id, pid }: Unfinished): string {
  return pid === null ? `Go on with it: orch resume ${id}.` : `Let it end, or interrupt it: kill -INT ${pid}.`
}
