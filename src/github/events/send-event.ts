import type { RepositoryEvent } from '../../model/repository-event.js'
import type { EventSending } from '../../ports/host/events.js'
import type { Answer, Ask } from '../api/ask.js'
import { unexpectedAnswer } from '../api/classify.js'
import { serviceNeeds } from '../api/permissions.js'
import { provesNoEffect, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'
import { createSingleSendGate } from '../limits/before-send.js'

/** POST /repos/{owner}/{repo}/dispatches: 204 without a body. Sent at most once (law 2), and again only after a rate limit. */
export async function sendEvent(
  requests: Requests,
  { repo, eventType, payload }: RepositoryEvent,
  beforeSend: () => Promise<boolean>,
): Promise<EventSending> {
  const ask: Ask = {
    repo,
    need: serviceNeeds.sendEvents,
    thing: `the repository ${repo}`,
    path: repoPath(repo, 'dispatches'),
    parameters: { event_type: eventType, client_payload: payload },
  }
  const gate = createSingleSendGate(beforeSend)
  const answer = await requests.post(ask, { lane: 'dispatch', repeat: 'limits', gate })
  const state = gate.state()
  if (state.kind === 'broken') throw state.error
  return state.kind === 'withheld' ? { kind: 'withheld' } : toSending(ask, answer)
}

function toSending(ask: Ask, answer: Answer): EventSending {
  if (answer.ok) {
    if (answer.status === 204) return { kind: 'sent' }
    return { kind: 'ambiguous', failure: unexpectedAnswer(ask, 'it is not an HTTP 204', answer.status) }
  }
  const { failure, isWithheld } = answer
  // A repetition that is withheld proves nothing about the first sending.
  return { kind: !isWithheld && provesNoEffect(answer) ? 'refused' : 'ambiguous', failure }
}
