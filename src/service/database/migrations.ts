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
  `CREATE TABLE orch.processes (
     id text PRIMARY KEY,
     host text NOT NULL,
     pid integer NOT NULL,
     workers integer NOT NULL,
     started_at bigint NOT NULL,
     heartbeat_at bigint NOT NULL,
     -- Its work may be taken over from this time on, by the clock of the database.
     lease_ends bigint NOT NULL,
     taken_over_by text
   );
   CREATE TABLE orch.workloads (
     position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     id text NOT NULL UNIQUE,
     kind text NOT NULL,
     status text NOT NULL,
     change text,
     repositories text[] NOT NULL,
     work text NOT NULL,
     created_at bigint NOT NULL,
     claimed_at bigint,
     started_at bigint,
     ended_at bigint,
     process text,
     worker text,
     cancel_requested_by text,
     -- The orchestration that it began; null: none.
     orchestration text,
     result text
   );
   CREATE INDEX workloads_status ON orch.workloads (status, position);
   CREATE INDEX workloads_change ON orch.workloads (change, position);`,
  `CREATE TABLE orch.schedules (
     -- The digest of an entry of the graph file.
     entry text PRIMARY KEY,
     -- The latest of its times that was handled.
     handled_until bigint NOT NULL
   );`,
]
