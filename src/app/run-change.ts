import { noEarlierRuns } from '../model/build/plan.js'
import type { EarlierRuns } from '../model/build/plan.js'
import type { HistoryEntry } from '../model/build/history.js'
import type { Store } from '../ports/store.js'
import type { DriveOptions, Driven } from './run/drive-to-end.js'
import { planRun } from './plan-run.js'
import type { RunRequest } from './plan-run.js'
import type { Stopped } from './problem.js'
import { knownRunsIn, readForDurations, readRecent, unlockedHeadsIn } from './history/unfinished.js'
import { usualDurationsIn } from './plan/usual-durations.js'
import type { UsualDurations } from './plan/usual-durations.js'

export interface RunChangeOptions extends RunRequest, DriveOptions {
  store: Store
  /** Numbers in [0, 1). */
  random: () => number
  /** Shows the user a line that belongs to no report. */
  note: (text: string) => void
  /** Run again, for the current state of the change, each time it moves during the build. */
  follow: boolean
}

/**
 * Builds a change across the graph, then unlocks its pull requests. Reuses runs that earlier orchestrations left running.
 * `checkUnfinished` comes first: this function does not search for an unfinished orchestration of the change.
 */
export async function runChange(options: RunChangeOptions): Promise<Driven | Stopped> {
  const { usual, ...read } = await readEarlier(options)
  let { earlier } = read
  for (;;) {
    const planned = await planRun(options, { earlier, usual })
    if (planned.kind === 'stopped') return planned
    // Loaded here: the first request must not wait for code that only a plan needs.
    const { executePlan, isFollowable, leftRuns } = await import('./run/execute-plan.js')
    const { plan, options: runOptions } = planned
    const driven = await executePlan({ ...options, plan, runOptions })
    if (driven.kind !== 'ended' || !options.follow || !isFollowable(driven.orchestration)) return driven
    const { orchestration } = driven
    const predecessors = [...earlier.predecessors, orchestration.id]
    earlier = { ...earlier, isRestart: false, predecessors, knownRuns: leftRuns(orchestration) }
  }
}

/** A function of its own, so that the recent orchestrations are not kept in memory for as long as the new one runs. */
async function readEarlier(options: RunChangeOptions): Promise<{ usual: UsualDurations; earlier: EarlierRuns }> {
  const recent = await readRecent(options.store, options.branch)
  const usual = usualDurationsIn(await readForDurations(options.store))
  return { usual, earlier: earlierRunsIn(recent, options) }
}

function earlierRunsIn(
  recent: readonly HistoryEntry[],
  { event, settings }: Pick<RunRequest, 'event' | 'settings'>,
): EarlierRuns {
  return {
    ...noEarlierRuns,
    eventKey: event.key,
    isRestart: event.isRepeated ?? false,
    // `force` also builds again what an earlier orchestration is still building.
    knownRuns: settings.force ? [] : knownRunsIn(recent),
    earlierHeads: unlockedHeadsIn(recent),
  }
}
