import { leftRuns } from '../../engine/build/decide/directives/superseding.js'
import type { KnownRun } from '../../model/build/plan.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import type { HistoryEntry, RecordedOrchestration } from '../../model/build/history.js'
import type { Store } from '../../ports/store.js'
import { readHistory } from './read-history.js'

/** The number of orchestrations that are searched for an unfinished one. */
const newest = 50

/** The latest orchestration without an ending, of this branch or (null) of any. */
export async function findUnfinished(store: Store, branch: string | null): Promise<RecordedOrchestration | null> {
  for (const entry of await readHistory(store, newest)) {
    if (entry.state === 'unreadable' || entry.state === 'finished') continue
    if (branch === null || entry.orchestration.plan.branch === branch) return entry
  }
  return null
}

/** The newest orchestrations of this graph file, newest first: a run takes over their runs and learns from their durations. */
export function readRecent(store: Store): Promise<HistoryEntry[]> {
  return readHistory(store, newest)
}

/** Heads that got success from an orchestration of this graph file, of this branch or (null) of any. */
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

/** Runs that the latest orchestration of this branch left running, or whose end it did not observe. */
export function knownRunsIn(history: readonly HistoryEntry[], branch: string): KnownRun[] {
  for (const entry of history) {
    if (entry.state === 'unreadable' || entry.orchestration.plan.branch !== branch) continue
    return leftRuns(entry.orchestration)
  }
  return []
}

/** The remedy for an unfinished orchestration. */
export function resumeAdvice({ id, driver }: RecordedOrchestration): string {
  const first = driver ? `Watch it: orch watch ${id}.` : `Resume it: orch resume ${id}.`
  return `${first} To end it: orch cancel ${id}.`
}
