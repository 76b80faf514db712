import type { Requester } from '../../commands/change-commands.js'

/** Who sends a request, after the login. */
export type Caller =
  /** The holder of ORCH_API_TOKEN, or of the one-time login link. */
  | { kind: 'administrator' }
  /** A person of GitHub, with the permissions that GitHub reports for the login. */
  | { kind: 'person'; login: string }

/** The caller as text for a reader: `@octocat`. */
export function requesterOf(caller: Caller): Requester {
  return caller.kind === 'administrator' ? 'the administrator' : `@${caller.login}`
}
