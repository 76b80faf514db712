import { databaseNow } from './database-now.js'

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
  // The payload is text: jsonb refuses JSON that GitHub can send, such as the character U+0000.
  `CREATE TABLE orch.deliveries (
     id text PRIMARY KEY,
     event text NOT NULL,
     action text,
     repository text,
     received_at bigint NOT NULL,
     -- Null: not handled yet.
     handled_at bigint,
     result text,
     -- Null: no longer kept.
     payload text,
     -- Grows with each redelivery on purpose.
     attempt integer NOT NULL DEFAULT 1,
     -- The attempt whose task was started; 0: none.
     started integer NOT NULL DEFAULT 0
   );
   CREATE INDEX deliveries_received ON orch.deliveries (received_at DESC, id DESC);
   CREATE INDEX deliveries_open ON orch.deliveries (received_at) WHERE handled_at IS NULL;
   CREATE TABLE orch.auto_runs (
     branch text PRIMARY KEY,
     -- The last delivery of the change, and when it was received.
     delivery text NOT NULL,
     received_at bigint NOT NULL
   );
   CREATE TABLE orch.merge_groups (
     repository text NOT NULL,
     head_sha text NOT NULL,
     number integer NOT NULL,
     requested_at bigint NOT NULL,
     PRIMARY KEY (repository, head_sha)
   );`,
  `CREATE TABLE orch.schedules (
     -- The digest of an entry of the graph file.
     entry text PRIMARY KEY,
     -- The latest of its times that was handled.
     handled_until bigint NOT NULL
   );`,
  `CREATE TABLE orch.run_comments (
     -- The pull request whose status comment waits for the end of a workload.
     repository text NOT NULL,
     number integer NOT NULL,
     workload text NOT NULL,
     -- The command as it was written, and who wrote it.
     command text NOT NULL,
     author text NOT NULL,
     PRIMARY KEY (repository, number)
   );`,
  // Null: an earlier orch wrote the journal, and nobody has read its branch yet.
  `ALTER TABLE orch.journals ADD COLUMN branch text;
   CREATE INDEX journals_branch ON orch.journals (branch);`,
  `CREATE TABLE orch.sessions (
     -- The sha256 of the id, which only the browser has.
     hash text PRIMARY KEY,
     -- The person; null: the administrator.
     login text,
     -- Of what the session was granted for, under the id.
     seal text NOT NULL,
     expires_at bigint NOT NULL
   );
   CREATE INDEX sessions_expiry ON orch.sessions (expires_at);`,
  // Events and runs are text, as the payloads of deliveries are. The columns beside them are what lists and the queue of a flow select by.
  `CREATE TABLE orch.flow_events (
     position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     id text NOT NULL UNIQUE,
     type text NOT NULL,
     source text NOT NULL,
     event text NOT NULL
   );
   CREATE INDEX flow_events_type ON orch.flow_events (type, position);
   CREATE INDEX flow_events_source ON orch.flow_events (source, position);
   CREATE TABLE orch.flow_runs (
     position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     id text NOT NULL UNIQUE,
     event_id text NOT NULL,
     flow text NOT NULL,
     -- Of the last attempt.
     status text NOT NULL,
     -- Of the first attempt that has not ended, and when that was created; null: all have ended.
     open_status text,
     open_since bigint,
     run text NOT NULL
   );
   CREATE INDEX flow_runs_event ON orch.flow_runs (event_id, position);
   CREATE INDEX flow_runs_flow ON orch.flow_runs (flow, position);
   CREATE INDEX flow_runs_status ON orch.flow_runs (status, position);
   CREATE INDEX flow_runs_open ON orch.flow_runs (flow, open_status, open_since, position) WHERE open_status IS NOT NULL;
   CREATE TABLE orch.disabled_flows (flow text PRIMARY KEY);`,
  `CREATE TABLE orch.used_signatures (signature text PRIMARY KEY, expires_at bigint NOT NULL);
   CREATE INDEX used_signatures_expiry ON orch.used_signatures (expires_at);`,
  // What was kept before counts as kept now, so that it is removed late rather than early.
  `ALTER TABLE orch.flow_events
     ADD COLUMN created_at bigint NOT NULL DEFAULT ${databaseNow},
     -- The content of each context file, in their order; null: the files are whole in the event.
     ADD COLUMN contents text;
   CREATE INDEX flow_events_created ON orch.flow_events (created_at);
   ALTER TABLE orch.flow_runs
     -- Of the last attempt; null: an attempt has not ended.
     ADD COLUMN ended_at bigint,
     ADD COLUMN effective_status text NOT NULL DEFAULT 'completed';
   UPDATE orch.flow_runs SET effective_status = status;`,
]

/** Ends what an earlier process held in a database that only one process can have open. */
export const endLeases = `
  UPDATE orch.journals SET lease_ends = 0 WHERE lease_ends <> 0;
  UPDATE orch.processes SET lease_ends = 0 WHERE lease_ends <> 0;`
