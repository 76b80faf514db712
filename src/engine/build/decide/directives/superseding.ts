import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { Finding } from '../../../../model/build/state/verification.js'
import type { KnownRun } from '../../../../model/build/plan.js'
import { repoKey } from '../../../../model/repo-name.js'
import type { Action } from '../actions.js'
import { firstWatchDelay } from '../../state/delays.js'
import { supersededBy } from '../../state/findings.js'
import { isUnlockedAlready } from '../../state/posts.js'
import { partialEnding } from './partial-merge.js'

/** Only an orchestration that claims pull requests can be superseded. One without a pull request waits for the first one to be opened. */
function isWatched(orchestration: Orchestration): boolean {
  return orchestration.options.postStatus && !isUnlockedAlready(orchestration)
}

/** The next reading of the change during the builds; null if there is none. */
export function decideWatch(orchestration: Orchestration, now: number): Extract<Action, { type: 'verify' }> | null {
  const { startedAt, isResumed } = orchestration
  if (!isWatched(orchestration)) return null
  const state = orchestration.verifications['while-building']
  const first = isResumed ? now : startedAt + firstWatchDelay
  return { type: 'verify', at: Math.max(now, state?.nextAt ?? first), stage: 'while-building' }
}

/**
 * Whether the change may have moved. This is so after a first reading that found it moved, until a second reading confirms it, and after
 * a resume until the first reading, whose answer also provides the GitHub time that a search for a run requires. Nothing is dispatched
 * while it is in doubt.
 */
export function isInDoubt(orchestration: Orchestration): boolean {
  const state = orchestration.verifications['while-building']
  if (state === undefined) return orchestration.isResumed && isWatched(orchestration)
  return state.result.kind === 'moved' && supersededBy(orchestration).length === 0
}

/** The ending of an orchestration whose change is no longer the planned one. */
export function movedEnding({ plan }: Orchestration, findings: readonly Finding[]): Ending {
  const moved = findings.filter(({ kind }) => kind !== 'pull-request-merged')
  const merged = findings.filter(({ kind }) => kind === 'pull-request-merged')
  const reason = moved.map(({ message }) => message).join('; ')
  const superseded: Ending = { outcome: 'superseded', reason, auth: false }
  if (merged.length === 0) return superseded
  return partialEnding(plan, merged, `the rest of the change moved: ${reason}`) ?? superseded
}

/** Whether a new orchestration of the changed branch is useful: not if a newer orchestration has claimed it, or a part is merged. */
export function isFollowable(orchestration: Orchestration): boolean {
  if (orchestration.ending?.outcome !== 'superseded') return false
  const findings = Object.values(orchestration.verifications).flatMap(({ result }) =>
    result.kind === 'moved' ? result.findings : [],
  )
  return !findings.some(({ kind }) => kind === 'newer-claim')
}

/** The runs that may still be active, or have ended unobserved, with the fingerprints of their builds. */
export function leftRuns({ plan, jobs }: Orchestration): KnownRun[] {
  return plan.jobs.flatMap(({ job, fingerprint }) => {
    const state = jobs.get(job)
    if (state?.phase === 'running' && !state.cancel) return [{ job, fingerprint, runId: state.runId, url: state.url }]
    if (state?.phase !== 'settled' || state.outcome !== 'left-running' || state.runId === null) return []
    return [{ job, fingerprint, runId: state.runId, url: state.url ?? '' }]
  })
}

/**
 * The jobs whose builds are obsolete after these findings: the head of their repository, or of a repository that they need, has
 * changed. The next orchestration of the change can reuse the builds of the other jobs.
 */
export function obsoleteJobs({ plan }: Orchestration, findings: readonly Finding[]): ReadonlySet<string> {
  const changed = new Set(
    findings
      .filter(({ kind }) => ['head-moved', 'branch-appeared', 'branch-gone'].includes(kind))
      .map(({ repo }) => repoKey(repo)),
  )
  const obsolete = new Set<string>()
  // The jobs of a graph are ordered after their needs.
  for (const { id, repo, needs } of plan.graph.jobs) {
    if (changed.has(repoKey(repo)) || needs.some((need) => obsolete.has(need))) obsolete.add(id)
  }
  return obsolete
}
