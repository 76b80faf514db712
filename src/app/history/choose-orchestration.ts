import type { HistoryEntry, RecordedOrchestration } from '../../model/build/history.js'
import type { Store } from '../../ports/store.js'
import { stop, usageProblem } from '../problem.js'
import type { Result } from '../problem.js'
import { findOrchestration } from './find-orchestration.js'
import { readHistory } from './read-history.js'
import { findUnfinished } from './unfinished.js'

/** The action that the orchestration is chosen for, for messages. */
export type Purpose = 'resume' | 'watch' | 'cancel' | 'show'

/**
 * The orchestration with this id, or else the one of this branch; undefined: of any branch. Of several that is the latest unfinished one, or
 * the latest one where there is none or it is only shown.
 */
export async function chooseOrchestration(
  store: Store,
  named: string | undefined,
  purpose: Purpose,
): Promise<Result<RecordedOrchestration>> {
  if (named !== undefined) {
    const history = await readHistory(store)
    const ofBranch = latestOf(history, named, purpose)
    if (ofBranch) return { ok: true, value: ofBranch }
    const found = findOrchestration(history, named)
    return found.ok ? readable(found.value, purpose) : found
  }
  if (purpose === 'show') {
    const [latest] = await readHistory(store, { limit: 1 })
    return latest ? readable(latest, purpose) : stop(nothingTo(purpose, 'this graph file has no orchestrations'))
  }
  const latest = await findUnfinished(store, null)
  if (latest) return { ok: true, value: latest }
  return stop(nothingTo(purpose, 'every orchestration of this graph file has ended, or none was started'))
}

/** A branch is never the beginning of an id that was meant: it has the whole name. */
function latestOf(
  history: readonly HistoryEntry[],
  branch: string,
  purpose: Purpose,
): RecordedOrchestration | undefined {
  const ofBranch = history
    .filter((entry) => entry.state !== 'unreadable')
    .filter(({ orchestration }) => orchestration.plan.branch === branch)
  const unfinished = ofBranch.find(({ state }) => state !== 'finished')
  return (purpose === 'show' ? undefined : unfinished) ?? ofBranch[0]
}

function readable(entry: HistoryEntry, purpose: Purpose): Result<RecordedOrchestration> {
  if (entry.state !== 'unreadable') return { ok: true, value: entry }
  const { location, problem, remedy } = entry
  return stop({ kind: 'failed', message: `cannot ${purpose} ${location}`, why: problem, remedy })
}

function nothingTo(purpose: Purpose, why: string): ReturnType<typeof usageProblem> {
  return usageProblem(`there is nothing to ${purpose}`, why, 'Start one with orch run, or look at orch list.')
}
