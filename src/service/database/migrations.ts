/**
 * The steps that make the tables of orch, each applied once, in this order. A step that was released is never changed: another is added
 * below it. Everything lies in the schema `orch`; times are ms since the epoch, UTC.
 */
export const migrations: readonly string[] = [
  `CREATE TABLE orch.journals (
     id text PRIMARY KEY,
     workload text,
     -- It has no end yet, so that a workload that is recovered finds it.
     unfinished boolean NOT NULL DEFAULT true,
     -- Grows with each driver: what an earlier one writes is refused.
     fence bigint NOT NULL DEFAULT 0,
     -- The driver; null: none.
     driver_worker text,
     driver_host text,
     driver_pid integer,
     -- The driver has lost it at this time, by the clock of the database.
     lease_ends bigint NOT NULL DEFAULT 0,
     -- The fence of the driver that was asked to cancel, and who asked; null: nobody.
     cancel_fence bigint,
     cancel_requester text
   );
   CREATE INDEX journals_workload ON orch.journals (workload) WHERE unfinished;
   CREATE TABLE orch.journal_lines (
     journal text NOT NULL REFERENCES orch.journals (id) ON DELETE CASCADE,
     line integer NOT NULL,
     text text NOT NULL,
     PRIMARY KEY (journal, line)
   );`,
]
