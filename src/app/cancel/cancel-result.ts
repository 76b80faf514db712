import type { Ending, Orchestration } from '../../model/build/orchestration.js'
import type { SettledJob } from '../../model/build/state/job-state.js'
import { repoKey } from '../../model/repo-name.js'
import type { Problem } from '../problem.js'

/** A run that may still be running on GitHub. */
export interface RunLeft {
  job: string
  /** Null: it is not known whether there is a run. */
  url: string | null
}

/** The result of the cancellation of one orchestration. */
export type CancelResult = { id: string; branch: string } & (
  | { kind: 'cancelled' | 'already-cancelled'; ending: Ending }
  /** It ended, but some of its runs may not have. */
  | { kind: 'incomplete'; ending: Ending; runsLeft: readonly RunLeft[] }
  /** It had another ending before it could be cancelled. */
  | { kind: 'finished'; ending: Ending }
  /** `problem` null: it was reported where it occurred. */
  | { kind: 'not-ended'; problem: Problem | null }
)

/** The result for an orchestration that has ended. `wasEnded`: it had ended before the cancel was requested. */
export function resultOf(orchestration: Orchestration & { ending: Ending }, wasEnded: boolean): CancelResult {
  const { id, plan, ending } = orchestration
  const head = { id, branch: plan.branch, ending }
  if (ending.outcome !== 'cancelled') return { ...head, kind: 'finished' }
  const runsLeft = runsLeftBy(orchestration)
  if (runsLeft.length > 0 || mayBeUnlocked(orchestration)) return { ...head, kind: 'incomplete', runsLeft }
  return { ...head, kind: wasEnded ? 'already-cancelled' : 'cancelled' }
}

function runsLeftBy({ jobs }: Orchestration): RunLeft[] {
  return [...jobs].flatMap(([job, state]) => {
    if (state.phase === 'waiting' || (state.phase === 'settled' && !isUnclear(state))) return []
    return [{ job, url: 'url' in state ? state.url : null }]
  })
}

function isUnclear({ outcome }: SettledJob): boolean {
  return outcome === 'unknown'
}

/** Whether a success may have reached a head and no later status locked it again. */
function mayBeUnlocked({ plan, posts }: Orchestration): boolean {
  return plan.targets.some(({ repo }) => {
    const rounds = posts.get(repoKey(repo))
    const isLocked = [rounds?.closing, rounds?.revoke].some(
      (post) => post?.phase === 'posted' || post?.phase === 'withheld',
    )
    return rounds?.success !== undefined && rounds.success.phase !== 'withheld' && !isLocked
  })
}

/** Why an orchestration was not cancelled as requested; null: it was, or the reason was reported where it occurred. */
export function resultProblem(result: CancelResult): Problem | null {
  const { id, branch } = result
  switch (result.kind) {
    case 'cancelled':
    case 'already-cancelled':
      return null
    case 'not-ended':
      return result.problem
    case 'finished':
      return {
        kind: 'failed',
        message: `the orchestration ${id} of ${branch} was not cancelled: it had ended ${result.ending.outcome}`,
        why: result.ending.reason,
        remedy: `There is nothing to cancel; orch show ${id} shows what it did.`,
      }
    case 'incomplete':
      return {
        kind: 'failed',
        message: `the orchestration ${id} of ${branch} is cancelled, but some of its runs may still be running`,
        why: result.ending.reason,
        remedy: remedyFor(result.runsLeft, id, branch),
      }
  }
}

function remedyFor(runsLeft: readonly RunLeft[], id: string, branch: string): string {
  const known = runsLeft.flatMap(({ url }) => (url === null ? [] : [url]))
  const unseen = runsLeft.flatMap(({ job, url }) => (url === null ? [job] : []))
  const parts = [
    ...(known.length > 0 ? [`Cancel the remaining runs on GitHub: ${known.join(' ')}.`] : []),
    ...(unseen.length > 0 ? [`Look on GitHub for a run of ${branch} by ${unseen.join(', ')}.`] : []),
    `orch show ${id} shows the orchestration; orch status ${branch} shows the state of its pull requests.`,
  ]
  return parts.join(' ')
}
