import type { Orchestration } from '../../../model/build/orchestration.js'
import type { Finding, VerificationStage } from '../../../model/build/state/verification.js'

/** The findings during the builds that end the orchestration; empty if there are none. */
export function supersededBy(orchestration: Orchestration): readonly Finding[] {
  return confirmedFindings(orchestration, 'while-building')
}

/**
 * The findings of the latest reading, if the reading before it also found the change moved: a single one may come from a lagging replica.
 * After success one reading suffices, because locking heads without need is safer than leaving them unlocked.
 */
export function confirmedFindings(orchestration: Orchestration, stage: VerificationStage): readonly Finding[] {
  const state = orchestration.verifications[stage]
  if (state?.result.kind !== 'moved') return []
  return state.movedInARow >= 2 || stage === 'after-success' ? state.result.findings : []
}
