import { isDenied } from '../../../../model/failure.js'
import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { Plan } from '../../../../model/build/plan.js'
import type { Finding, VerificationState } from '../../../../model/build/state/verification.js'
import { repoKey } from '../../../../model/repo-name.js'
import type { Action } from '../actions.js'

/** The time for which the reading after a revocation is repeated while it fails, ms. */
const lastReadingTimeoutMs = 60_000

export type LastReading =
  | { kind: 'verify'; action: Extract<Action, { type: 'verify' }> }
  | { kind: 'ended'; ending: Ending }

/** After every success was revoked, one reading shows whether a part of the change was merged before. */
export function decideLastReading(orchestration: Orchestration, ending: Ending, now: number): LastReading {
  const state = orchestration.verifications['after-revocation']
  if (!state) return { kind: 'verify', action: { type: 'verify', at: now, stage: 'after-revocation' } }
  if (mustRepeat(state))
    return { kind: 'verify', action: { type: 'verify', at: state.nextAt, stage: 'after-revocation' } }
  const merged = mergedSincePlan(orchestration)
  if (merged.length > 0) {
    const why = `the rest is locked: ${ending.reason}`
    return { kind: 'ended', ending: partialEnding(orchestration.plan, merged, why) ?? ending }
  }
  const { result } = state
  if (result.kind !== 'unreadable' && result.kind !== 'unsettled') return { kind: 'ended', ending }
  const problem = result.kind === 'unreadable' ? result.failure.message : result.reason
  const reason = `${ending.reason}; it is not known whether a pull request was merged meanwhile: ${problem}`
  return { kind: 'ended', ending: { ...ending, reason } }
}

function mustRepeat({ result, nextAt, since }: VerificationState): boolean {
  if (result.kind !== 'unreadable' && result.kind !== 'unsettled') return false
  if (result.kind === 'unreadable' && isDenied(result.failure)) return false
  return nextAt < since + lastReadingTimeoutMs
}

/** The ending of a change of which a part was merged; null if all of its pull requests were. */
export function partialEnding(plan: Plan, merged: readonly Finding[], why: string): Ending | null {
  const names = new Set(merged.map(({ repo, pullRequest }) => `${repoKey(repo)}#${pullRequest}`))
  const left = plan.members.flatMap(({ repo, pullRequests }) =>
    pullRequests.flatMap(({ number }) => (names.has(`${repoKey(repo)}#${number}`) ? [] : [`${repo}#${number}`])),
  )
  if (left.length === 0) return null
  const already = merged.map(({ message }) => message).join('; ')
  return { outcome: 'partially-merged', reason: `${already}, but ${why}; not merged: ${left.join(', ')}`, auth: false }
}

/** The pull requests that were merged at their tested commits, from all readings: a merge is never undone. */
function mergedSincePlan({ verifications }: Orchestration): Finding[] {
  const found = Object.values(verifications).flatMap(({ result }): readonly Finding[] => {
    if (result.kind === 'unchanged' || result.kind === 'joined' || result.kind === 'blocked') return result.merged
    return result.kind === 'moved' ? result.findings.filter(({ kind }) => kind === 'pull-request-merged') : []
  })
  return [...new Map(found.map((finding) => [finding.message, finding])).values()]
}
