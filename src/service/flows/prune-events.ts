import type { FlowRun } from '../../model/flow/flow-run.js'
import type { Database } from '../database/database.js'

export interface PruneEventsOptions {
  database: Database
  /** What happened last before this time is removed, ms, UTC. */
  before: number
  /** The most events of one call. */
  limit: number
}

/** What was removed. */
export interface PrunedEvents {
  events: readonly string[]
  runs: readonly FlowRun[]
}

interface RunRow {
  eventId: string
  isKept: boolean
  text: string
}

/**
 * Removes events together with their runs, if they arrived and the last attempts of all their runs ended before a time. A run that is queued
 * or running keeps its event. The rows are locked first, so that a replay at the same time either comes before and keeps the event, or finds nothing.
 */
export function pruneEvents({ database, before, limit }: PruneEventsOptions): Promise<PrunedEvents> {
  return database.transaction(async (query) => {
    const candidates = await query<{ id: string }>(
      `SELECT id FROM orch.flow_events e WHERE created_at < $1 AND NOT EXISTS
         (SELECT 1 FROM orch.flow_runs r WHERE r.event_id = e.id AND (r.open_status IS NOT NULL OR r.ended_at >= $1))
       ORDER BY created_at LIMIT $2 FOR UPDATE OF e SKIP LOCKED`,
      [before, limit],
    )
    if (candidates.length === 0) return { events: [], runs: [] }
    const rows = await query<RunRow>(
      `SELECT event_id AS "eventId", run AS text, open_status IS NOT NULL OR COALESCE(ended_at >= $2, false) AS "isKept"
       FROM orch.flow_runs WHERE event_id = ANY($1) ORDER BY position FOR UPDATE`,
      [candidates.map(({ id }) => id), before],
    )
    const kept = new Set(rows.filter(({ isKept }) => isKept).map(({ eventId }) => eventId))
    const events = candidates.map(({ id }) => id).filter((id) => !kept.has(id))
    await query('DELETE FROM orch.flow_runs WHERE event_id = ANY($1)', [events])
    await query('DELETE FROM orch.flow_events WHERE id = ANY($1)', [events])
    const runs = rows.filter(({ eventId }) => !kept.has(eventId)).map(({ text }) => JSON.parse(text) as FlowRun)
    return { events, runs }
  })
}
