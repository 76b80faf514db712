import { leftRuns } from '../engine/superseding.js'
import type { KnownRun } from '../model/plan.js'
import type { RecordedOrchestration } from '../report/orchestration-view.js'
import type { Context } from './context.js'
import { readHistory } from './history.js'

/** How far back an unfinished orchestration is looked for. */
const newest = 50

/** The latest orchestration without an ending, of this branch or (null) of any. */
export async function findUnfinished(
  context: Context,
  stateDirectory: string,
  branch: string | null,
): Promise<RecordedOrchestration | null> {
  for (const entry of await readHistory(context, stateDirectory, newest)) {
    if (entry.state === 'unreadable' || entry.state === 'finished') continue
    if (branch === null || entry.orchestration.plan.branch === branch) return entry
  }
  return null
}

/** Runs that the latest orchestration of this branch left running, or did not see end. */
export async function readKnownRuns(context: Context, stateDirectory: string, branch: string): Promise<KnownRun[]> {
  for (const entry of await readHistory(context, stateDirectory, newest)) {
    if (entry.state === 'unreadable' || entry.orchestration.plan.branch !== branch) continue
    return leftRuns(entry.orchestration)
  }
  return []
}

/** How to get on with it. */
export function resumeAdvice({ id, pid }: RecordedOrchestration): string {
  const first = pid === null ? `Go on with it: orch resume ${id}.` : `Follow it: orch watch ${id}.`
  return `${first} To end it: orch cancel ${id}.`
}
