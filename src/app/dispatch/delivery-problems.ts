import { assertNever } from '../../lib/assert-never.js'
import type { EventDelivery, EventDispatch, EventRun } from '../../model/event-delivery.js'
import { isAuthFailure } from '../../model/failure.js'
import { failureProblem } from '../problem.js'
import type { Problem } from '../problem.js'

/** What kept an event from being delivered, and the runs that did not succeed. Empty: everything is as it was asked for. */
export function deliveryProblems({ deliveries }: EventDispatch): Problem[] {
  return deliveries.flatMap((delivery) => [
    ...requestProblems(delivery),
    ...delivery.runs.flatMap((run) => runProblems(delivery, run)),
  ])
}

function requestProblems({ repo, request, runs }: EventDelivery): Problem[] {
  switch (request.kind) {
    case 'planned':
    case 'accepted':
      return []
    case 'refused':
      return [failureProblem(request.failure)]
    case 'unknown': {
      // The runs show what became of it.
      if (runs.length > 0) return []
      return [
        {
          kind: isAuthFailure(request.failure) ? 'auth' : 'failed',
          message: `the event for ${repo} may have been sent, and is not sent again`,
          why: request.failure.message,
          remedy: `Look under Actions of ${repo} whether its run is there, then send it again.`,
        },
      ]
    }
    case 'withheld':
      return [
        {
          kind: 'interrupted',
          message: `the event was not sent to ${repo}`,
          why: 'it was interrupted before',
          remedy: 'Send it again.',
        },
      ]
    default:
      return assertNever(request)
  }
}

const verbs = {
  failed: 'failed',
  cancelled: 'was cancelled',
  'timed-out': 'timed out',
  unknown: 'has an unknown end',
} as const

function runProblems({ repo }: EventDelivery, { workflow, url, outcome, reason, failure }: EventRun): Problem[] {
  if (outcome === 'succeeded') return []
  return [
    {
      kind: failure && isAuthFailure(failure) ? 'auth' : 'failed',
      message: `${workflow} of ${repo} ${verbs[outcome]}`,
      why: reason,
      remedy: url === null ? `Look under Actions of ${repo}.` : `Look at its run: ${url}`,
    },
  ]
}
