import { leftRuns } from '../../engine/build/decide/directives/superseding.js'
import type { KnownRun } from '../../model/build/plan.js'
import { repoKey } from '../../model/repo-name.js'
import type { RepoName } from '../../model/repo-name.js'
import type { HistoryEntry, RecordedOrchestration } from '../../model/build/history.js'
import type { Store } from '../../ports/store.js'
import { readHistory } from './read-history.js'

/** The number of orchestrations of one branch, or of all, that are read. */
const newest = 50
/** The number of orchestrations of any branch from which a run learns how long builds take. */
const newestForDurations = 10

/** The latest orchestration without an ending, of this branch or (null) of any. */
export async function findUnfinished(store: Store, branch: string | null): Promise<RecordedOrchestration | null> {
  for (const entry of await readRecent(store, branch)) {
    if (entry.state === 'running' || entry.state === 'unfinished') return entry
  }
  return null
}

/** The newest orchestrations of this graph file, of this branch or (null) of any, newest first. */
export function readRecent(store: Store, branch: string | null): Promise<HistoryEntry[]> {
  return readHistory(store, { ...(branch === null ? {} : { branch }), limit: newest })
}

/** The newest orchestrations of this graph file, newest first, from which a run learns how long builds take. */
export function readForDurations(store: Store): Promise<HistoryEntry[]> {
  return readHistory(store, { limit: newestForDurations })
}

/** Heads that got success from one of these orchestrations. */
export function unlockedHeadsIn(history: readonly HistoryEntry[]): { repo: RepoName; headSha: string }[] {
  const heads = history.flatMap((entry) => {
    if (entry.state === 'unreadable') return []
    const { plan, posts } = entry.orchestration
    return plan.targets.filter(({ repo }) => posts.get(repoKey(repo))?.success !== undefined)
  })
  return heads.map(({ repo, headSha }) => ({ repo, headSha }))
}

/** Runs that the latest of these orchestrations left running, or whose end it did not observe. */
export function knownRunsIn(history: readonly HistoryEntry[]): KnownRun[] {
  const latest = history.find((entry) => entry.state !== 'unreadable')
  return latest ? leftRuns(latest.orchestration) : []
}

/** The remedy for an unfinished orchestration. */
export function resumeAdvice({ id, driver }: RecordedOrchestration): string {
  const first = driver ? `Watch it: orch watch ${id}.` : `Resume it: orch resume ${id}.`
  return `${first} To end it: orch cancel ${id}.`
}
