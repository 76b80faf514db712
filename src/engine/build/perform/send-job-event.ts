import { assertNever } from '../../../lib/assert-never.js'
import type { RepositoryEvent } from '../../../model/repository-event.js'
import type { DispatchResult } from '../../../ports/host/builds.js'
import type { Events } from '../../../ports/host/events.js'

/**
 * Sends the event of a job. GitHub's answer names no run, so that an accepted event is `ambiguous`: its run is found by the marker, as
 * after a dispatch without an answer.
 */
export async function sendJobEvent(
  host: Pick<Events, 'sendEvent'>,
  event: RepositoryEvent,
  beforeSend: () => Promise<boolean>,
): Promise<DispatchResult> {
  const sending = await host.sendEvent(event, beforeSend)
  switch (sending.kind) {
    case 'sent': {
      const message = 'GitHub accepted the event, and its answer names no run'
      return { kind: 'ambiguous', failure: { kind: 'unexpected-answer', message, repo: event.repo, httpStatus: 204 } }
    }
    case 'refused':
    case 'ambiguous':
    case 'withheld':
      return sending
    default:
      return assertNever(sending)
  }
}
