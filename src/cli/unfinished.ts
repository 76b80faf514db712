import { leftRuns } from '../engine/build/decide/superseding.js'
import type { KnownRun } from '../model/build/plan.js'
import { repoKey } from '../model/repo-name.js'
import type { RepoName } from '../model/repo-name.js'
import type { HistoryEntry, RecordedOrchestration } from '../model/build/history.js'
import type { Context } from './process/context.js'
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

/** The newest orchestrations kept here, newest first, for what a run wants to know of those before it. */
export function readRecent(context: Context, stateDirectory: string): Promise<HistoryEntry[]> {
  return readHistory(context, stateDirectory, newest)
}

/** Heads that got success from an orchestration kept here, of this branch or (null) of any. */
export function unlockedHeadsIn(
  history: readonly HistoryEntry[],
  branch: string | null,
): { repo: RepoName; headSha: string }[] {
  const heads: { repo: RepoName; headSha: string }[] = []
  for (const entry of history) {
    if (entry.state === 'unreadable') continue
    const { plan, posts } = entry.orchestration
    if (branch !== null && plan.branch !== branch) continue
    heads.push(...plan.targets.filter(({ repo }) => posts.get(repoKey(repo))?.success !== undefined))
  }
  return heads.map(({ repo, headSha }) => ({ repo, headSha }))
}

/** Runs that the latest orchestration of this branch left running, or did not see end. */
export function knownRunsIn(history: readonly HistoryEntry[], branch: string): KnownRun[] {
  for (const entry of history) {
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
