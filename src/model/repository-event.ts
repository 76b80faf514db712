import type { Json } from './flow/flow-event.js'
import { ownerProblem, repositoryProblem } from './repo-name.js'
import type { RepoName } from './repo-name.js'

/** The payload of an event: `client_payload`. */
export type EventPayload = { readonly [key: string]: Json }

/** An event that starts the workflows of a repository that wait for its type (`repository_dispatch`). */
export interface RepositoryEvent {
  repo: RepoName
  eventType: string
  payload: EventPayload
}

/** GitHub's limits of POST /repos/{owner}/{repo}/dispatches. `payloadBytes`: the payload as JSON is smaller. */
export const eventLimits = { typeLength: 100, payloadKeys: 10, payloadBytes: 64 * 1024 } as const

/** Why this is not `owner/name`, as a clause; undefined: it is. */
export function repositoryNameProblem(text: string): string | undefined {
  const [owner = '', name = '', ...rest] = text.split('/')
  if (!text.includes('/') || rest.length > 0) return 'write it as owner/name'
  return ownerProblem(owner) ?? repositoryProblem(name)
}

/** Why GitHub would refuse an event type, as a clause; undefined: nothing is known. */
export function eventTypeProblem(text: string): string | undefined {
  if (text === '') return 'it is empty'
  const { typeLength } = eventLimits
  return text.length > typeLength ? `GitHub allows at most ${typeLength} characters` : undefined
}

/** Why GitHub would refuse a payload, as a sentence without a full stop; undefined: nothing is known. */
export function payloadProblem(payload: EventPayload): string | undefined {
  const { payloadKeys, payloadBytes } = eventLimits
  const keys = Object.keys(payload).length
  if (keys > payloadKeys) return `the payload has ${keys} top-level keys, and GitHub allows at most ${payloadKeys}`
  const bytes = new TextEncoder().encode(JSON.stringify(payload)).length
  if (bytes < payloadBytes) return undefined
  return `the payload has ${bytes} bytes as JSON, and GitHub allows fewer than ${payloadBytes}`
}
