import { eventTypeProblem, maxPayloadKeys, repositoryNameProblem } from './file/read-steps.js'
import { assertNever } from '../lib/assert-never.js'
import { sanitize } from '../lib/sanitize.js'
import type { Failure } from '../model/failure.js'
import type { StepEnd } from '../model/flow/flow-progress.js'
import type { Events, RepositoryEvent } from '../ports/host/events.js'

/** GitHub's limit of POST /repos/{owner}/{repo}/dispatches: the payload as JSON is smaller, bytes. */
const payloadBytesLimit = 64 * 1024

/** What is known of an event whose sending has no clear end. */
export const maybeSent = 'the event may have been sent, and is not sent again'

/** Sends a repository event at most once (law 2). `signal`: aborts when the attempt is cancelled. */
export async function dispatchStep(host: Events, event: RepositoryEvent, signal: AbortSignal): Promise<StepEnd> {
  const problem = eventProblem(event)
  if (problem !== null) return { status: 'failed', message: problem }
  const { repo, eventType } = event
  const sent = await host.sendEvent(event, () => Promise.resolve(!signal.aborted))
  switch (sent.kind) {
    case 'sent':
      return { status: 'completed', message: sanitize(`sent ${eventType} to ${repo}`) }
    case 'refused':
      return { status: 'failed', message: describe(sent.failure) }
    case 'ambiguous':
      return { status: 'failed', message: `${describe(sent.failure)}: ${maybeSent}` }
    case 'withheld':
      return { status: 'cancelled', message: 'it was cancelled' }
    default:
      return assertNever(sent)
  }
}

/** Why GitHub would refuse an event, as a clause; null: nothing is known. Its values may come from a payload. */
function eventProblem({ repo, eventType, payload }: RepositoryEvent): string | null {
  const name = repositoryNameProblem(repo)
  if (name !== undefined) return `${sanitize(JSON.stringify(repo))} is not a valid repository: ${name}`
  const type = eventTypeProblem(eventType)
  if (type !== undefined) return `the event type is not valid: ${type}`
  const keys = Object.keys(payload).length
  if (keys > maxPayloadKeys)
    return `the payload has ${keys} top-level keys, and GitHub allows at most ${maxPayloadKeys}`
  const bytes = new TextEncoder().encode(JSON.stringify(payload)).length
  if (bytes < payloadBytesLimit) return null
  return `the payload has ${bytes} bytes as JSON, and GitHub allows fewer than ${payloadBytesLimit}`
}

function describe({ message, remedy }: Failure): string {
  return sanitize(remedy === undefined ? message : `${message} (${remedy})`)
}
