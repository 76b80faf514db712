import { isAuthFailure, isDenied } from '../../../../model/failure.js'
import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type {
  Finding,
  VerificationResult,
  VerificationStage,
  VerificationState,
} from '../../../../model/build/state/verification.js'
import type { StatusTarget } from '../../../../model/build/plan.js'
import type { Action } from '../actions.js'
import { refusedJoin } from './claims.js'
import { decideRevocation, decideEnding } from './closing.js'
import { decideHold, rereadAt } from './holding.js'
import { idle } from '../rules.js'
import type { Directives, GlobalAction } from '../rules.js'
import { isUnlockedAlready, postOf } from '../../state/posts.js'
import { tallySuccesses } from '../../state/post-tally.js'
import type { SuccessTally } from '../../state/post-tally.js'
import { confirmedFindings } from '../../state/findings.js'
import { movedEnding } from './superseding.js'

/** The time for which the reading of a change is repeated while it fails, or while branch and pull request disagree, ms. */
const verificationTimeoutMs = 10 * 60_000

/** Decides after all builds succeeded. Success is posted only on tested heads (law 1): verify, post everywhere, verify again. */
export function decideUnlocking(orchestration: Orchestration, now: number): Directives {
  const { options, plan } = orchestration
  if (!options.postStatus) return finish(now, 'every build succeeded; no status was posted, as requested')
  if (isUnlockedAlready(orchestration)) return finish(now, alreadyUnlocked(orchestration))
  const refusedClaim = refusedJoin(orchestration)
  if (refusedClaim) return decideEndOf(orchestration, refusedClaim, now)
  const before = stage(orchestration, 'before-success', now)
  if (before.kind === 'verify') return idle(before.action)
  if (before.kind === 'ended' || before.kind === 'held') {
    const isBegun = hasBegun(orchestration)
    if (before.kind === 'held') return decideHold(orchestration, before.result, isBegun, now)
    return decideEndOf(orchestration, endingOf(orchestration, before.cause, isBegun), now)
  }
  const { merged } = before
  const tally = tallySuccesses(orchestration, merged)
  if (tally.open === 0) return finish(now, nothingToUnlock(merged))
  const refused = plan.targets[tally.firstRefused]
  // Once one head cannot be unlocked, no other may be.
  if (!refused && tally.missing > 0) {
    const targets = { kind: 'success', merged, onlyInFlight: false, onlyBegun: tally.repeatAt < Infinity } as const
    return { ...idle(...readBeforeRepetition(orchestration, tally, now)), targets }
  }
  if (refused) return decideRevocation(orchestration, refusedEnding(orchestration, refused), now)
  const after = stage(orchestration, 'after-success', now)
  if (after.kind === 'verify') return idle(after.action)
  if (after.kind === 'ended') return decideRevocation(orchestration, endingOf(orchestration, after.cause, true), now)
  if (after.kind === 'held') return decideHold(orchestration, after.result, true, now)
  return finish(now, 'every build succeeded and every pull request of the change is unlocked')
}

const noneMerged: readonly Finding[] = []

/** Whether a success was posted or requested, so that an end without success must revoke it. */
function hasBegun(orchestration: Orchestration): boolean {
  return tallySuccesses(orchestration, noneMerged).begun > 0
}

function decideEndOf(orchestration: Orchestration, ending: Ending, now: number): Directives {
  return (hasBegun(orchestration) ? decideRevocation : decideEnding)(orchestration, ending, now)
}

/**
 * A success that failed may have been accepted, and another writer may have posted since, so the change is read again before it is
 * posted again (law 1). `target.ts` waits for this reading, which begins when no success is in flight, so that no post overtakes it.
 */
function readBeforeRepetition({ verifications }: Orchestration, tally: SuccessTally, now: number): GlobalAction[] {
  if (tally.inFlight > 0) return []
  if ((verifications['before-success']?.readAt ?? -Infinity) > tally.failedAt) return []
  return [{ type: 'verify', at: Math.max(now, tally.repeatAt), stage: 'before-success' }]
}

function finish(now: number, reason: string): Directives {
  return idle({ type: 'finish', at: now, ending: () => ({ outcome: 'succeeded', reason, auth: false }) })
}

function alreadyUnlocked({ plan }: Orchestration): string {
  return plan.targets.length > 0
    ? 'already built and unlocked: nothing was dispatched, nothing was posted'
    : 'already built; the change has no open pull request, so there was nothing to unlock'
}

function nothingToUnlock(merged: readonly Finding[]): string {
  return merged.length > 0
    ? 'every build succeeded; the pull requests were already merged at their tested commits'
    : 'every build succeeded; the change has no open pull request, so there was nothing to unlock'
}

function refusedEnding(orchestration: Orchestration, target: StatusTarget): Ending {
  const post = postOf(orchestration, target, 'success')
  if (post?.phase === 'failed') {
    const reason = `success could not be posted on ${target.repo}, so it is revoked on every pull request: ${post.failure.message}`
    return { outcome: 'unknown', reason, auth: isAuthFailure(post.failure) }
  }
  const why = post?.phase === 'withheld' ? post.reason : 'its status changed'
  return { outcome: 'superseded', reason: `success was withheld on ${target.repo}: ${why}`, auth: false }
}

type StageDecision =
  | { kind: 'verify'; action: Extract<Action, { type: 'verify' }> }
  | { kind: 'ended'; cause: readonly Finding[] | Ending }
  | { kind: 'held'; result: Extract<VerificationResult, { kind: 'blocked' }> }
  | { kind: 'passed'; merged: readonly Finding[] }

/** The ending for the cause that a stage found. A revocation reads by itself which pull requests were merged. */
function endingOf(orchestration: Orchestration, cause: readonly Finding[] | Ending, isRevoked: boolean): Ending {
  if ('outcome' in cause) return cause
  const counted = isRevoked ? cause.filter(({ kind }) => kind !== 'pull-request-merged') : cause
  return movedEnding(orchestration, counted)
}

function stage(orchestration: Orchestration, name: VerificationStage, now: number): StageDecision {
  const state = orchestration.verifications[name]
  if (!state) return { kind: 'verify', action: { type: 'verify', at: now, stage: name } }
  const { result } = state
  if (result.kind === 'unchanged') return { kind: 'passed', merged: result.merged }
  if (result.kind === 'blocked') {
    const again = rereadAt(state, result)
    return again === null
      ? { kind: 'held', result }
      : { kind: 'verify', action: { type: 'verify', at: again, stage: name } }
  }
  const findings = confirmedFindings(orchestration, name)
  if (findings.length > 0) return { kind: 'ended', cause: findings }
  const ending = unreadEnding(state)
  if (ending) return { kind: 'ended', cause: ending }
  // The heads have been claimed, so the change can be verified at once.
  const at = result.kind === 'overtaken' || result.kind === 'joined' ? now : state.nextAt
  return { kind: 'verify', action: { type: 'verify', at, stage: name } }
}

/** The ending of a change that stays unreadable; null while the reading is repeated. A refusal (403) ends it at once. */
function unreadEnding(state: VerificationState): Ending | null {
  const { result } = state
  const mayRetry = state.nextAt < state.since + verificationTimeoutMs
  if (result.kind === 'overtaken') {
    const reason = `${result.by.length === 1 ? 'an older orchestration' : 'older orchestrations'} (${result.by.join(', ')}) kept posting on the change`
    return mayRetry ? null : { outcome: 'unknown', reason, auth: false }
  }
  if (result.kind === 'unsettled') {
    return mayRetry
      ? null
      : { outcome: 'unknown', reason: `the state of the change is ambiguous: ${result.reason}`, auth: false }
  }
  if (result.kind !== 'unreadable') return null
  const auth = isAuthFailure(result.failure)
  // A refused token (401) does not end the orchestration: a second refusal suspends it.
  if (mayRetry && !isDenied(result.failure)) return null
  return { outcome: 'unknown', reason: `the change could not be read again: ${result.failure.message}`, auth }
}
