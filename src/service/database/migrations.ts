/**
 * The steps that make the tables of orch, each applied once, in this order. A step that was released is never changed: another is added
 * below it. Everything lies in the schema `orch`; times are ms since the epoch, UTC.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE orch.journals (
     id text PRIMARY KEY,
     -- Grows with each driver: what an earlier one writes is refused.
     fence bigint NOT NULL,
     driver_host text NOT NULL,
     driver_pid integer NOT NULL,
     -- The driver has lost the journal from this time on, by the clock of the database.
     lease_ends bigint NOT NULL,
     -- Who asked the driver last to cancel, and until when others wait for that; null: nobody, or its request is closed.
     cancel_requester text,
     cancel_ends bigint NOT NULL DEFAULT 0,
     -- The driver that was asked last.
     cancel_fence bigint NOT NULL DEFAULT 0,
     -- How often drivers were asked.
     cancel_count bigint NOT NULL DEFAULT 0
   );
   CREATE TABLE orch.journal_lines (
     journal text NOT NULL REFERENCES orch.journals (id) ON DELETE CASCADE,
     line integer NOT NULL,
     text text NOT NULL,
     PRIMARY KEY (journal, line)
   );`,
]

/** Ends what an earlier process held in a database that only one process can have open. */
export const endLeases = 'UPDATE orch.journals SET lease_ends = 0 WHERE lease_ends <> 0'

/** The time of the database, ms, UTC: the clocks of two machines are never compared. */
export const databaseNow = '(extract(epoch FROM clock_timestamp()) * 1000)::bigint'
