import type { Evidence } from '../evidence.js'
import { doubleDispatches } from './dispatches.js'
import { hangs, lostRuns } from './endings.js'
import { wrongSuccesses } from './successes.js'

export const wrongs = ['double dispatch', 'lost run', 'wrong success', 'hang'] as const

export type Wrong = (typeof wrongs)[number]

/** A violation of a rule of docs/chaos.md. */
export interface Finding {
  wrong: Wrong
  what: string
}

/** All findings about one orchestration by the definitions of docs/chaos.md. Pure. */
export function judge(evidence: Evidence): Finding[] {
  const found = (wrong: Wrong, whats: readonly string[]): Finding[] =>
    [...new Set(whats)].map((what) => ({ wrong, what }))
  return [
    ...found('double dispatch', doubleDispatches(evidence)),
    ...found('lost run', lostRuns(evidence)),
    ...found('wrong success', wrongSuccesses(evidence)),
    ...found('hang', hangs(evidence)),
  ]
}
