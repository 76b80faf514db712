import { openAttempt } from '../../model/flow/flow-progress.js'
import { effectiveStatus, lastAttempt } from '../../model/flow/flow-run.js'
import type { FlowRun } from '../../model/flow/flow-run.js'
import type { Query } from '../database/database.js'

/** The columns that follow from a run. */
function columnsOf(run: FlowRun) {
  const open = openAttempt(run)
  const last = lastAttempt(run)
  return {
    id: run.id,
    event_id: run.eventId,
    flow: run.flow,
    status: last.status,
    effective_status: effectiveStatus(last),
    ended_at: open ? null : last.endedAt,
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
  return `INSERT INTO orch.flow_runs (id, event_id, flow, status, effective_status, open_status, open_since, ended_at, run)
    SELECT r.id, r.event_id, r.flow, r.status, r.effective_status, r.open_status, r.open_since, r.ended_at, r.run
    FROM ${source}, ROWS FROM (json_to_recordset(${parameter}::json) AS (id text, event_id text, flow text, status text,
      effective_status text, open_status text, open_since bigint, ended_at bigint, run text)) WITH ORDINALITY
      AS r (id, event_id, flow, status, effective_status, open_status, open_since, ended_at, run, n)
    ORDER BY r.n ON CONFLICT (id) DO NOTHING`
}

export async function updateRunRow(query: Query, run: FlowRun): Promise<void> {
  const { id, status, effective_status, open_status, open_since, ended_at, run: text } = columnsOf(run)
  await query(
    `UPDATE orch.flow_runs SET status = $2, effective_status = $3, open_status = $4, open_since = $5, ended_at = $6,
       run = $7 WHERE id = $1`,
    [id, status, effective_status, open_status, open_since, ended_at, text],
  )
}
