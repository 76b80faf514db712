import type { Requester } from '../../commands/change-commands.js'

/** Who can log in and open a session. */
export type Account =
  /** The holder of ORCH_API_TOKEN, or of the one-time login link. */
  | { kind: 'administrator' }
  /** A person of GitHub, with the permissions that GitHub reports for the login. */
  | { kind: 'person'; login: string }

/** Who sends a request, after the login. */
export type Caller =
  | Account
  /** A program that signs its requests with ORCH_HMAC_SECRET. It may do everything on the paths that accept a signature. */
  | { kind: 'program' }

/** The caller as text for a reader: `@octocat`. */
export function requesterOf(caller: Caller): Requester {
  switch (caller.kind) {
    case 'administrator':
      return 'the administrator'
    case 'person':
      return `@${caller.login}`
    case 'program':
      return 'a program with ORCH_HMAC_SECRET'
  }
}
