import { resultProblem } from '../../app/cancel/cancel-result.js'
import type { CancelResult } from '../../app/cancel/cancel-result.js'
import { sanitize } from '../../lib/sanitize.js'
import type { CancelResultJson } from '../../model/wire/cancellation.js'
import { composeLine, markSpan } from '../../report/style.js'
import type { ViewOptions } from '../../report/style.js'

/** The line of an orchestration that was cancelled as requested; null: it was not, and has a problem instead. */
export function resultLine(result: CancelResult, view: ViewOptions): string | null {
  if (result.kind !== 'cancelled' && result.kind !== 'already-cancelled') return null
  const { id, branch, ending, kind } = result
  const word = kind === 'cancelled' ? 'cancelled' : 'was cancelled before'
  const head = [markSpan('good', view), ` ${sanitize(id)}  `, { text: sanitize(branch), paint: 'bold' } as const]
  return composeLine([...head, `  ${word}: ${sanitize(ending.reason)}`], view)
}

/** `orch cancel --json`: config/schemas/cancel.schema.json. */
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
