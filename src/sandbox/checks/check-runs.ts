import type { CheckRun } from '../state/check-run.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'

/** What a request sets of a check run. */
export type CheckRunInput = Omit<CheckRun, 'id' | 'suiteId' | 'appId' | 'headSha'>

export function findCheckRun(repository: Repository, id: number): CheckRun | undefined {
  for (const runs of repository.checkRuns.values()) {
    const found = runs.find((run) => run.id === id)
    if (found !== undefined) return found
  }
  return undefined
}

/** Adds a check run to a commit. The App's first one there creates its suite. */
export function addCheckRun(
  world: World,
  repository: Repository,
  made: CheckRunInput & Pick<CheckRun, 'appId' | 'headSha'>,
): CheckRun {
  const others = repository.checkRuns.get(made.headSha) ?? []
  const suiteId = others.find(({ appId }) => appId === made.appId)?.suiteId ?? world.directory.newId()
  const run: CheckRun = { id: world.directory.newId(), suiteId, ...made }
  repository.checkRuns.set(made.headSha, [...others, run])
  world.changed(repository)
  return run
}

export function changeCheckRun(
  world: World,
  repository: Repository,
  run: CheckRun,
  changes: Partial<CheckRunInput>,
): void {
  Object.assign(run, changes)
  world.changed(repository)
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
