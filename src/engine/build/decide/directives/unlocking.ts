import { isAuthFailure } from '../../../../model/failure.js'
import type { Ending, Orchestration } from '../../../../model/build/orchestration.js'
import type { Finding, VerificationStage, VerificationState } from '../../../../model/build/state/verification.js'
import type { StatusTarget } from '../../../../model/build/plan.js'
import type { Action } from '../actions.js'
import { decideRevocation, decideEnding } from './closing.js'
import { idle } from '../rules.js'
import type { Directives } from '../rules.js'
import { isUnlockedAlready, postOf } from '../../state/posts.js'
import { tallySuccesses } from '../../state/post-tally.js'
import { confirmedFindings } from '../../state/findings.js'
import { movedEnding } from './superseding.js'

/** The time for which the reading of a change is repeated while it fails, or while branch and pull request disagree, ms. */
const verificationTimeoutMs = 10 * 60_000

/** Decides after all builds succeeded. Success is posted only on tested heads (law 1): verify, post everywhere, verify again. */
export function decideUnlocking(orchestration: Orchestration, now: number): Directives {
  const { options, plan } = orchestration
  if (!options.postStatus) return finish(now, 'every build succeeded; no status was posted, as requested')
  if (isUnlockedAlready(orchestration)) return finish(now, alreadyUnlocked(orchestration))
  const before = stage(orchestration, 'before-success', now)
  if (before.kind === 'verify') return idle(before.action)
  if (before.kind === 'ended') return decideEnding(orchestration, before.ending, now)
  const { merged } = before
  const tally = tallySuccesses(orchestration, merged)
  if (tally.open === 0) return finish(now, nothingToUnlock(merged))
  const refused = plan.targets[tally.firstRefused]
  // Once one head cannot be unlocked, no other may be: only posts in flight are awaited.
  const onlyInFlight = refused !== undefined
  if ((onlyInFlight ? tally.inFlight : tally.missing) > 0) {
    return { ...idle(), targets: { kind: 'success', merged, onlyInFlight } }
  }
  if (refused) return decideRevocation(orchestration, refusedEnding(orchestration, refused), now)
  const after = stage(orchestration, 'after-success', now)
  if (after.kind === 'verify') return idle(after.action)
  if (after.kind === 'ended') return decideRevocation(orchestration, after.ending, now)
  return finish(now, 'every build succeeded and every pull request of the change is unlocked')
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
    const reason = `success could not be posted on ${target.repo}, so no pull request stays unlocked: ${post.failure.message}`
    return { outcome: 'unknown', reason, auth: isAuthFailure(post.failure) }
  }
  const why = post?.phase === 'withheld' ? post.reason : 'its status changed'
  return { outcome: 'superseded', reason: `success was withheld on ${target.repo}: ${why}`, auth: false }
}

type StageDecision =
  | { kind: 'verify'; action: Extract<Action, { type: 'verify' }> }
  | { kind: 'ended'; ending: Ending }
  | { kind: 'passed'; merged: readonly Finding[] }

function stage(orchestration: Orchestration, name: VerificationStage, now: number): StageDecision {
  const state = orchestration.verifications[name]
  if (!state) return { kind: 'verify', action: { type: 'verify', at: now, stage: name } }
  const { result } = state
  if (result.kind === 'unchanged') return { kind: 'passed', merged: result.merged }
  const findings = confirmedFindings(orchestration, name)
  if (findings.length > 0) return { kind: 'ended', ending: movedEnding(findings) }
  const ending = unreadEnding(state)
  if (ending) return { kind: 'ended', ending }
  // The heads have been claimed again, so the change can be verified at once.
  const at = result.kind === 'overtaken' ? now : state.nextAt
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
  if (mayRetry && !['forbidden', 'blocked'].includes(result.failure.kind)) return null
  return { outcome: 'unknown', reason: `the change could not be read again: ${result.failure.message}`, auth }
}
