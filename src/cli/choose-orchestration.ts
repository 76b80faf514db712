import type { RecordedOrchestration } from '../model/build/history.js'
import type { Context } from './process/context.js'
import { findOrchestration, readHistory } from './history.js'
import { stop, usageProblem } from '../app/problem.js'
import type { Result } from '../app/problem.js'
import { findUnfinished } from './unfinished.js'

/** What a command does with an orchestration, for its messages: `go on with`, `watch`, `cancel`. */
export type Purpose = 'go on with' | 'watch' | 'cancel'

/** The orchestration of this id, or (undefined) the latest unfinished one. */
export async function chooseOrchestration(
  context: Context,
  stateDirectory: string,
  named: string | undefined,
  purpose: Purpose,
): Promise<Result<RecordedOrchestration>> {
  if (named !== undefined) {
    const found = findOrchestration(await readHistory(context, stateDirectory), named)
    if (!found.ok) return found
    const entry = found.value
    if (entry.state !== 'unreadable') return { ok: true, value: entry }
    const { path, problem, remedy } = entry
    return stop({ kind: 'failed', message: `cannot ${purpose} ${path}`, why: problem, remedy })
  }
  const latest = await findUnfinished(context, stateDirectory, null)
  if (latest) return { ok: true, value: latest }
  return nothingUnfinished(purpose)
}

function nothingUnfinished(purpose: Purpose): { ok: false; problems: ReturnType<typeof usageProblem>[] } {
  const why = 'every orchestration kept here has ended, or none was ever started'
  return {
    ok: false,
    problems: [usageProblem(`there is nothing to ${purpose}`, why, 'Start one with orch run, or look at orch list.')],
  }
}
