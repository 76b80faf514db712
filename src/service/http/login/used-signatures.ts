import type { Database } from '../../database/database.js'
import { databaseNow } from '../../database/database-now.js'

/** How far the clock of a sender may be from ours. */
export const clockWindowMs = 5 * 60_000

/** The signatures that a request used, so that nobody who saw one can send it again. */
export interface UsedSignatures {
  /** Resolves to false if this signature was used before. */
  use(signature: string): Promise<boolean>
}

/** Signatures that all replicas share: a request that one has accepted is refused by the others. */
export function createDatabaseUsedSignatures({ query }: Pick<Database, 'query'>): UsedSignatures {
  return {
    use: async (signature) => {
      await query(`DELETE FROM orch.used_signatures WHERE expires_at <= ${databaseNow}`)
      // A time of the sender that is ahead of ours is accepted for two windows.
      const rows = await query(
        `INSERT INTO orch.used_signatures (signature, expires_at) VALUES ($1, ${databaseNow} + ${2 * clockWindowMs})
         ON CONFLICT (signature) DO NOTHING RETURNING 1`,
        [signature],
      )
      return rows.length > 0
    },
  }
}
