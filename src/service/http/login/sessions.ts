import type { Clock } from '../../../ports/clock.js'
import type { Caller } from './caller.js'
import { createSecret, hashSecret } from './secrets.js'

/** How long a session lasts. */
export const sessionMs = 12 * 3_600_000
/** Sessions beyond this number replace the oldest ones. */
const maxSessions = 10_000

/** A login that a browser keeps by a cookie. */
export interface Session {
  caller: Caller
  /** Part of each form of this session: another site cannot know it. */
  formToken: string
  /** ms, UTC. */
  expiresAt: number
}

/** The sessions of the service. The id is a secret of the browser. */
export interface Sessions {
  create(caller: Caller): Promise<{ id: string; session: Session }>
  /** Null: there is none of this id, or it has expired. */
  read(id: string): Promise<Session | null>
  remove(id: string): Promise<void>
}

/** Sessions of one process: they end with it. */
export function createMemorySessions(clock: Clock): Sessions {
  // By the hash of the id, oldest first.
  const sessions = new Map<string, Session>()
  return {
    create: (caller) => {
      const id = createSecret()
      const session = { caller, formToken: createSecret(), expiresAt: clock.now() + sessionMs }
      sessions.set(hashSecret(id), session)
      const [oldest] = sessions.keys()
      if (sessions.size > maxSessions && oldest !== undefined) sessions.delete(oldest)
      return Promise.resolve({ id, session })
    },
    read: (id) => {
      const session = sessions.get(hashSecret(id))
      if (!session) return Promise.resolve(null)
      if (session.expiresAt > clock.now()) return Promise.resolve(session)
      sessions.delete(hashSecret(id))
      return Promise.resolve(null)
    },
    remove: (id) => {
      sessions.delete(hashSecret(id))
      return Promise.resolve()
    },
  }
}
