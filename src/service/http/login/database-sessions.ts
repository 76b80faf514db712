import type { Database } from '../../database/database.js'
import { databaseNow } from '../../database/database-now.js'
import type { Account } from './caller.js'
import { createSecret, hashSecret, isSameSecret, sealSecret } from './secrets.js'
import { sessionMs } from './sessions.js'
import type { Sessions } from './sessions.js'

/** Sessions beyond this number replace the oldest ones. */
const maxSessions = 10_000

export interface DatabaseSessionsOptions {
  database: Database
  /** ORCH_API_TOKEN; null: there is none. The sessions of the administrator end when it changes. */
  apiToken: string | null
  /** Root of the API of the GitHub that knows the people. Every session ends when it changes. */
  apiUrl: string
}

/** `login` null: the administrator. */
interface SessionRow {
  login: string | null
  seal: string
}

/**
 * Sessions that all replicas share and that outlast a restart. The database holds neither a secret of a browser nor one of the service
 * (docs/decisions/0034-sessions-in-the-database.md).
 */
export function createDatabaseSessions({ database, apiToken, apiUrl }: DatabaseSessionsOptions): Sessions {
  const { query } = database
  /** What a session was granted for. Only the browser has the key, so the row does not reveal what was sealed. */
  const sealOf = (id: string, caller: Account): string =>
    sealSecret(id, JSON.stringify([apiUrl, caller.kind === 'administrator' ? apiToken : caller.login]))
  return {
    create: async (caller) => {
      const id = createSecret()
      await query(
        `DELETE FROM orch.sessions WHERE expires_at <= ${databaseNow}
           OR hash IN (SELECT hash FROM orch.sessions ORDER BY expires_at DESC OFFSET ${maxSessions - 1})`,
      )
      await query(
        `INSERT INTO orch.sessions (hash, login, seal, expires_at) VALUES ($1, $2, $3, ${databaseNow} + ${sessionMs})`,
        [hashSecret(id), caller.kind === 'administrator' ? null : caller.login, sealOf(id, caller)],
      )
      return { id }
    },
    read: async (id) => {
      const [row] = await query<SessionRow>(
        `SELECT login, seal FROM orch.sessions WHERE hash = $1 AND expires_at > ${databaseNow}`,
        [hashSecret(id)],
      )
      if (!row) return null
      const caller: Account = row.login === null ? { kind: 'administrator' } : { kind: 'person', login: row.login }
      if (!isSameSecret(row.seal, sealOf(id, caller))) return null
      return { caller, formToken: sealSecret(id, 'the forms of this session') }
    },
    remove: async (id) => {
      await query('DELETE FROM orch.sessions WHERE hash = $1', [hashSecret(id)])
    },
  }
}
