import type { Ending, Orchestration, SettledJob } from '../model/build/orchestration.js'
import { repoKey } from '../model/repo-name.js'
import type { CancelResultJson } from '../model/wire/cancellation.js'
import { sanitize } from '../lib/sanitize.js'
import { composeLine, markSpan } from '../report/style.js'
import type { ViewOptions } from '../report/style.js'
import type { Problem } from '../app/problem.js'

/** A run that may still be going on GitHub. */
export interface RunLeft {
  job: string
  /** Null: whether there is a run is not known. */
  url: string | null
}

/** What became of one orchestration that was to be cancelled. */
export type CancelResult = { id: string; branch: string } & (
  | { kind: 'cancelled' | 'already-cancelled'; ending: Ending }
  /** It ended, but not everything that it had started did. */
  | { kind: 'incomplete'; ending: Ending; runsLeft: readonly RunLeft[] }
  /** It had ended otherwise before it could be cancelled. */
  | { kind: 'finished'; ending: Ending }
  /** `problem` null: it has been told already. */
  | { kind: 'not-ended'; problem: Problem | null }
)

/** @param wasEnded it had ended before anybody asked */
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
    if (state.phase === 'waiting' || (state.phase === 'settled' && !isLeft(state))) return []
    return [{ job, url: 'url' in state ? state.url : null }]
  })
}

function isLeft({ outcome }: SettledJob): boolean {
  return outcome === 'unknown'
}

/** A success was on its way to a head, and nothing came after it. */
function mayBeUnlocked({ plan, posts }: Orchestration): boolean {
  return plan.targets.some(({ repo }) => {
    const rounds = posts.get(repoKey(repo))
    const last = [rounds?.closing, rounds?.revoke].some(
      (post) => post?.phase === 'posted' || post?.phase === 'withheld',
    )
    return rounds?.success !== undefined && rounds.success.phase !== 'withheld' && !last
  })
}

/** The line of a result that is as it was asked for; null: it is a problem. */
export function resultLine(result: CancelResult, view: ViewOptions): string | null {
  if (result.kind !== 'cancelled' && result.kind !== 'already-cancelled') return null
  const { id, branch, ending, kind } = result
  const word = kind === 'cancelled' ? 'cancelled' : 'was cancelled before'
  const head = [markSpan('good', view), ` ${sanitize(id)}  `, { text: sanitize(branch), paint: 'bold' } as const]
  return composeLine([...head, `  ${word}: ${sanitize(ending.reason)}`], view)
}

/** What keeps a result from being as it was asked for; null: nothing, or it has been told. */
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
        remedy: `Nothing of it runs any more; orch show ${id} tells what it did.`,
      }
    case 'incomplete':
      return {
        kind: 'failed',
        message: `the orchestration ${id} of ${branch} is cancelled, but not everything that it started`,
        why: result.ending.reason,
        remedy: remedyFor(result.runsLeft, id, branch),
      }
  }
}

function remedyFor(runsLeft: readonly RunLeft[], id: string, branch: string): string {
  const known = runsLeft.flatMap(({ url }) => (url === null ? [] : [url]))
  const unseen = runsLeft.flatMap(({ job, url }) => (url === null ? [job] : []))
  const parts = [
    ...(known.length > 0 ? [`Cancel on GitHub what still runs: ${known.join(' ')}.`] : []),
    ...(unseen.length > 0 ? [`Look on GitHub for a run of ${branch} by ${unseen.join(', ')}.`] : []),
    `orch show ${id} tells all of it; orch status ${branch} tells where its pull requests stand.`,
  ]
  return parts.join(' ')
}

/** One orchestration in the document of `orch cancel --json`. */
export function resultJson(result: CancelResult): CancelResultJson {
  const { id, branch, kind } = result
  const ending = 'ending' in result ? result.ending : null
  const problem = resultProblem(result)?.message ?? (kind === 'not-ended' ? 'GitHub could not be connected to' : null)
  return {
    id,
    branch,
    result: kind,
    outcome: ending?.outcome ?? null,
    reason: ending?.reason ?? null,
    runsLeft: result.kind === 'incomplete' ? result.runsLeft.map(({ job, url }) => ({ job, url })) : [],
    problem,
  }
}
