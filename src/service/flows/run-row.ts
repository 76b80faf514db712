import { openAttempt } from '../../model/flow/flow-progress.js'
import { lastAttempt } from '../../model/flow/flow-run.js'
import type { FlowRun } from '../../model/flow/flow-run.js'
import type { Query } from '../database/database.js'

/** The columns that follow from a run. */
function columnsOf(run: FlowRun) {
  const open = openAttempt(run)
  return {
    id: run.id,
    event_id: run.eventId,
    flow: run.flow,
    status: lastAttempt(run).status,
    open_status: open?.status ?? null,
    open_since: open?.createdAt ?? null,
    // A text within JSON: the run itself may contain what a value of type json must not.
    run: JSON.stringify(run),
  }
}

/** The parameter of `insertRunsFrom`. */
export function runColumns(runs: readonly FlowRun[]): string {
  return JSON.stringify(runs.map(columnsOf))
}

/** A statement that adds runs once for each row of `source`; a run of a known id is left as it is. `parameter`: such as `$1`. */
export function insertRunsFrom(parameter: string, source: string): string {
  return `INSERT INTO orch.flow_runs (id, event_id, flow, status, open_status, open_since, run)
    SELECT r.id, r.event_id, r.flow, r.status, r.open_status, r.open_since, r.run
    FROM ${source}, ROWS FROM (json_to_recordset(${parameter}::json) AS (id text, event_id text, flow text, status text,
      open_status text, open_since bigint, run text)) WITH ORDINALITY
      AS r (id, event_id, flow, status, open_status, open_since, run, n)
    ORDER BY r.n ON CONFLICT (id) DO NOTHING`
}

export async function updateRunRow(query: Query, run: FlowRun): Promise<void> {
  const { id, status, open_status, open_since, run: text } = columnsOf(run)
  await query('UPDATE orch.flow_runs SET status = $2, open_status = $3, open_since = $4, run = $5 WHERE id = $1', [
    id,
    status,
    open_status,
    open_since,
    text,
  ])
}
