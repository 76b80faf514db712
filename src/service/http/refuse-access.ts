import type { Context } from 'hono'
import { sendProblem, sendUnavailable } from './answers.js'
import type { HttpEnv } from './http-env.js'
import { requesterOf } from './login/caller.js'
import type { Access } from './login/permissions.js'

/** The answer to an action that the caller may not do; null: it is granted. `action`: `run this change`. */
export function refuseAccess(c: Context<HttpEnv>, access: Access, action: string): Response | null {
  switch (access.kind) {
    case 'granted':
      return null
    case 'unavailable':
      return sendUnavailable(c, 'Your permissions could not be read', access.failure)
    case 'denied': {
      const detail = `${requesterOf(c.var.caller)} may not ${action}: it needs write access to ${access.repository}.`
      return sendProblem(c, { status: 403, detail })
    }
  }
}
