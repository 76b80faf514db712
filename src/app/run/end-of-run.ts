import { assertNever } from '../../lib/assert-never.js'
import type { Ending } from '../../model/build/orchestration.js'
import type { Stopped } from '../problem.js'

/** The end of a run of a change, for a caller that started it as one of its steps. */
export interface RunEnd {
  status: 'completed' | 'failed' | 'cancelled'
  /** For a reader. */
  result: string
}

export function endOfRun({ outcome, reason }: Ending): RunEnd {
  const result = `${outcome}: ${reason}`
  switch (outcome) {
    case 'succeeded':
    case 'held':
      return { status: 'completed', result }
    case 'cancelled':
    case 'superseded':
      return { status: 'cancelled', result }
    case 'failed':
    case 'unknown':
    case 'timed-out':
    case 'partially-merged':
      return { status: 'failed', result }
    default:
      return assertNever(outcome)
  }
}

/** The end of a run that was stopped before it began. */
export function endOfStopped({ problems }: Stopped): RunEnd {
  const status = problems.every(({ kind }) => kind === 'superseded') ? 'cancelled' : 'failed'
  const text = problems.map((problem) => problem.text ?? `${problem.message}: ${problem.why}. ${problem.remedy}`)
  return { status, result: text.join('\n') }
}
