import type { CheckRun } from '../state/check-run.js'
import type { Repository } from '../state/model.js'
import { checkRunEvent } from '../webhooks/events/check-run.js'
import type { World } from '../world.js'

/** What a request sets of a check run. */
export type CheckRunInput = Omit<CheckRun, 'id' | 'suiteId' | 'appId' | 'headSha'>

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
  world.webhooks.emit(checkRunEvent(world, 'created', { repository, run }))
  if (run.status === 'completed') world.webhooks.emit(checkRunEvent(world, 'completed', { repository, run }))
  return run
}

export function changeCheckRun(
  world: World,
  repository: Repository,
  run: CheckRun,
  changes: Partial<CheckRunInput>,
): void {
  const wasCompleted = run.status === 'completed'
  Object.assign(run, changes)
  world.changed(repository)
  if (run.status !== 'completed' || wasCompleted) return
  world.webhooks.emit(checkRunEvent(world, 'completed', { repository, run }))
}
