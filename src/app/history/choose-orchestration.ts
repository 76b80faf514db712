import type { RecordedOrchestration } from '../../model/build/history.js'
import type { Store } from '../../ports/store.js'
import { stop, usageProblem } from '../problem.js'
import type { Result } from '../problem.js'
import { findOrchestration } from './find-orchestration.js'
import { readHistory } from './read-history.js'
import { findUnfinished } from './unfinished.js'

/** The action that the orchestration is chosen for, for messages. */
export type Purpose = 'resume' | 'watch' | 'cancel'

/** The orchestration with this id, or (undefined) the latest unfinished one. */
export async function chooseOrchestration(
  store: Store,
  named: string | undefined,
  purpose: Purpose,
): Promise<Result<RecordedOrchestration>> {
  if (named !== undefined) {
    const found = findOrchestration(await readHistory(store), named)
    if (!found.ok) return found
    const entry = found.value
    if (entry.state !== 'unreadable') return { ok: true, value: entry }
    const { location, problem, remedy } = entry
    return stop({ kind: 'failed', message: `cannot ${purpose} ${location}`, why: problem, remedy })
  }
  const latest = await findUnfinished(store, null)
  if (latest) return { ok: true, value: latest }
  const why = 'every orchestration of this graph file has ended, or none was started'
  return stop(usageProblem(`there is nothing to ${purpose}`, why, 'Start one with orch run, or look at orch list.'))
}
