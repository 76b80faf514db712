import type { CheckRun } from '../state/check-run.js'
import type { Repository } from '../state/model.js'

export function findCheckRun(repository: Repository, id: number): CheckRun | undefined {
  for (const runs of repository.checkRuns.values()) {
    const found = runs.find((run) => run.id === id)
    if (found !== undefined) return found
  }
  return undefined
}

/** Returns the newest check run of each name and App of a commit, newest first. */
export function latestCheckRuns(repository: Repository, sha: string): CheckRun[] {
  const newest = new Map<string, CheckRun>()
  for (const run of (repository.checkRuns.get(sha) ?? []).toReversed()) {
    const key = `${run.appId}:${run.name}`
    if (!newest.has(key)) newest.set(key, run)
  }
  return [...newest.values()]
}
