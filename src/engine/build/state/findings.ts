import type { Finding, Orchestration, VerificationStage } from '../../../model/build/orchestration.js'

/** What a reading found while the change was built that ends the orchestration; empty: nothing. */
export function supersededBy(orchestration: Orchestration): readonly Finding[] {
  return confirmedFindings(orchestration, 'while-building')
}

/**
 * What the latest reading found moved, if the one before it did too: a single one may come from a lagging replica. After success
 * one is enough: then the heads are locked first and the question is asked later.
 */
export function confirmedFindings(orchestration: Orchestration, stage: VerificationStage): readonly Finding[] {
  const state = orchestration.verifications[stage]
  if (state?.result.kind !== 'moved') return []
  return state.movedInARow >= 2 || stage === 'after-success' ? state.result.findings : []
}
