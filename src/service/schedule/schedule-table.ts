import type { Database } from '../database/database.js'

/** Until when each entry of a schedule was handled. An entry of the graph file is identified by its digest, one of a flow by `flow:…`. */
export interface ScheduleTable {
  /** ms, UTC. An entry that was not known before counts as handled until `now`. */
  handledUntil: (entry: string, now: number) => Promise<number>
  /** Never goes back, so that a slower process does not undo what another one noted. */
  note: (entry: string, handledUntil: number) => Promise<void>
  /** Notes the time if the entry is handled until `now` at most. Returns false if it is handled longer: of several processes, one claims it. */
  claim: (entry: string, now: number, handledUntil: number) => Promise<boolean>
  /** Forgets the entries of the graph file that it no longer has. */
  keepOnly: (entries: readonly string[]) => Promise<void>
}

export function createScheduleTable(database: Pick<Database, 'query'>): ScheduleTable {
  return {
    handledUntil: async (entry, now) => {
      const insert = 'INSERT INTO orch.schedules (entry, handled_until) VALUES ($1, $2) ON CONFLICT (entry) DO NOTHING'
      await database.query(insert, [entry, now])
      const select = 'SELECT handled_until FROM orch.schedules WHERE entry = $1'
      const [row] = await database.query<{ handled_until: number }>(select, [entry])
      // Another process may have forgotten it just now.
      return row?.handled_until ?? now
    },
    note: async (entry, handledUntil) => {
      const upsert = `INSERT INTO orch.schedules AS known (entry, handled_until) VALUES ($1, $2)
        ON CONFLICT (entry) DO UPDATE SET handled_until = GREATEST(known.handled_until, excluded.handled_until)`
      await database.query(upsert, [entry, handledUntil])
    },
    claim: async (entry, now, handledUntil) => {
      const update =
        'UPDATE orch.schedules SET handled_until = $3 WHERE entry = $1 AND handled_until <= $2 RETURNING entry'
      return (await database.query(update, [entry, now, handledUntil])).length > 0
    },
    keepOnly: async (entries) => {
      await database.query(`DELETE FROM orch.schedules WHERE NOT entry = ANY($1::text[]) AND entry NOT LIKE 'flow:%'`, [
        entries,
      ])
    },
  }
}
