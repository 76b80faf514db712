import { outputSafe } from '../../lib/sanitize.js'
import { isDelivered } from '../../model/event-delivery.js'
import type { EventDispatch } from '../../model/event-delivery.js'

/**
 * The outputs of a step that sends an event, for GITHUB_OUTPUT: `outcome`, `dispatched` and `runs` (JSON).
 * @param randomToken a new random word of at least 16 letters and digits, so that no value contains it
 */
export function eventDispatchOutputs(dispatch: EventDispatch, randomToken: () => string): string {
  const values = {
    outcome: outcomeOf(dispatch),
    dispatched: String(dispatch.deliveries.every(({ request }) => request.kind === 'accepted')),
    runs: JSON.stringify(
      dispatch.deliveries.flatMap(({ repo, runs }) =>
        runs.map(({ workflow, runId, url, outcome, conclusion }) => ({
          repository: repo,
          workflow,
          id: runId,
          url,
          outcome,
          conclusion,
        })),
      ),
    ),
  }
  return Object.entries(values)
    .map(([name, value]) => outputSafe(name, value, `orch_${randomToken()}`))
    .join('')
}

function outcomeOf({ deliveries, isAwaited, isDryRun }: EventDispatch): string {
  if (!deliveries.every(isDelivered)) return 'failed'
  if (isDryRun) return 'planned'
  return isAwaited ? 'succeeded' : 'accepted'
}
