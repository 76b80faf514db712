import type { Ending, Finding, Orchestration } from '../../../model/build/orchestration.js'
import type { KnownRun } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Action } from './actions.js'
import { firstWatchDelay } from '../state/delays.js'
import { supersededBy } from '../state/findings.js'

/** Only who has claimed pull requests can be superseded. */
function isWatched({ options, plan }: Orchestration): boolean {
  return options.postStatus && plan.targets.length > 0
}

/** The next reading of the change while it is built; null: none is due. */
export function decideWatch(orchestration: Orchestration, now: number): Extract<Action, { type: 'verify' }> | null {
  const { startedAt, isResumed } = orchestration
  if (!isWatched(orchestration)) return null
  if (supersededBy(orchestration).length > 0) return null
  const state = orchestration.verifications['while-building']
  const first = isResumed ? now : startedAt + firstWatchDelay
  return { type: 'verify', at: Math.max(now, state?.nextAt ?? first), stage: 'while-building' }
}

/**
 * Whether the change may have moved: the latest reading says so and no second one has confirmed it, or whoever resumed has not read it yet (only
 * an answer tells GitHub's time, without which a dispatch could not be looked for). Nothing is dispatched meanwhile.
 */
export function isInDoubt(orchestration: Orchestration): boolean {
  const state = orchestration.verifications['while-building']
  if (state === undefined) return orchestration.isResumed && isWatched(orchestration)
  return state.result.kind === 'moved' && supersededBy(orchestration).length === 0
}

/** The end of an orchestration whose change is not the planned one any more. */
export function movedEnding(findings: readonly Finding[]): Ending {
  const moved = findings.filter(({ kind }) => kind !== 'pull-request-merged')
  const merged = findings.filter(({ kind }) => kind === 'pull-request-merged')
  const reason = moved.map(({ message }) => message).join('; ')
  if (merged.length === 0) return { outcome: 'superseded', reason, auth: false }
  const already = merged.map(({ message }) => message).join('; ')
  return { outcome: 'partially-merged', reason: `${already}, but the rest of the change moved: ${reason}`, auth: false }
}

/** Whether starting again for the change as it is now makes sense: not where a newer orchestration leads, or a part is merged. */
export function isFollowable(orchestration: Orchestration): boolean {
  if (orchestration.ending?.outcome !== 'superseded') return false
  const findings = Object.values(orchestration.verifications).flatMap(({ result }) =>
    result.kind === 'moved' ? result.findings : [],
  )
  return !findings.some(({ kind }) => kind === 'newer-claim')
}

/** The runs that may still be going, or have ended unseen, with what they build. */
export function leftRuns({ plan, jobs }: Orchestration): KnownRun[] {
  return plan.jobs.flatMap(({ job, fingerprint }) => {
    const state = jobs.get(job)
    if (state?.phase === 'running' && !state.cancel) return [{ job, fingerprint, runId: state.runId, url: state.url }]
    if (state?.phase !== 'settled' || state.outcome !== 'left-running' || state.runId === null) return []
    return [{ job, fingerprint, runId: state.runId, url: state.url ?? '' }]
  })
}

/**
 * Jobs whose builds are of no use to anybody after these findings: the commit of their repository, or of one they need, is not
 * what the change holds any more. The builds of the others may be taken over by whoever builds the change next.
 */
export function obsoleteJobs({ plan }: Orchestration, findings: readonly Finding[]): ReadonlySet<string> {
  const changed = new Set(
    findings
      .filter(({ kind }) => ['head-moved', 'branch-appeared', 'branch-gone'].includes(kind))
      .map(({ repo }) => repoKey(repo)),
  )
  const obsolete = new Set<string>()
  // Jobs stand after their needs.
  for (const { id, repo, needs } of plan.graph.jobs) {
    if (changed.has(repoKey(repo)) || needs.some((need) => obsolete.has(need))) obsolete.add(id)
  }
  return obsolete
}
