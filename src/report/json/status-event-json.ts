import type { StatusEventJson } from '../../model/wire/status-events.js'
import { failureJson } from './common-json.js'
import type { EventPresenters } from './event-presenter.js'

/** The lines about the commit statuses of the change. */
export const statusEventPresenters: EventPresenters<StatusEventJson['type']> = {
  'status-requested': (line, { repo, headSha, round, state, description }) => ({
    ...line,
    repository: repo,
    headSha,
    round,
    state,
    description,
  }),
  'status-posted': (line, { repo, headSha, round, status: { id, state, description } }) => ({
    ...line,
    repository: repo,
    headSha,
    round,
    statusId: id,
    state,
    description,
  }),
  'status-failed': (line, { repo, headSha, round, failure }) => ({
    ...line,
    repository: repo,
    headSha,
    round,
    failure: failureJson(failure),
  }),
  'status-withheld': (line, { repo, headSha, round, reason }) => ({
    ...line,
    repository: repo,
    headSha,
    round,
    reason,
  }),
}
