import { createHash } from 'node:crypto'
import type { FlowEvent, ListedEvent } from '../../model/flow/flow-event.js'
import type { FlowRun, FlowRunSummary } from '../../model/flow/flow-run.js'
import type { FlowPage, FlowStore } from '../../ports/flow-store.js'
import { positionLimit, startNextOf } from '../../store/flows/flow-rules.js'
import type { Database, Query } from '../database/database.js'
import { eventRowOf, readEventRow } from './event-row.js'
import { insertRunsFrom, runColumns, updateRunRow } from './run-row.js'

/** The first of the two numbers of the lock of one flow; the other one is the hash of its name. */
const flowLockKey = 7_345_004

interface Row {
  position: number
  text: string
}

/** Keeps events and runs in the database of the service. */
export function createDatabaseFlowStore(database: Database): FlowStore {
  const { query } = database

  /** False: one of this id is kept. */
  const insert = async (event: FlowEvent, runs: readonly FlowRun[]): Promise<boolean> => {
    const { id, type, source, createdAt } = event
    const { event: text, contents } = eventRowOf(event)
    const rows = await query(
      `WITH kept AS (
         INSERT INTO orch.flow_events (id, type, source, created_at, event, contents) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (id) DO NOTHING RETURNING id
       ), added AS (${insertRunsFrom('$7', 'kept')})
       SELECT id FROM kept`,
      [id, type, source, createdAt, text, contents, runColumns(runs)],
    )
    return rows.length > 0
  }

  return {
    location: database.location,
    accept: async (event, runs) => {
      for (;;) {
        if (await insert(event, runs)) return { kind: 'accepted' }
        const known = await readEventRow(query, event.id)
        // Otherwise it was removed in between, because its time was over.
        if (known) return { kind: 'known', event: known }
      }
    },
    readEvent: (id) => readEventRow(query, id),
    listEvents: ({ type = null, source = null, cursor, limit }) =>
      readPage<ListedEvent>(
        query,
        `SELECT position, event AS text FROM orch.flow_events
         WHERE position < $1 AND ($3::text IS NULL OR type = $3) AND ($4::text IS NULL OR source = $4)
         ORDER BY position DESC LIMIT $2`,
        { cursor, limit, values: [type, source] },
      ),
    addRuns: (eventId, runs) =>
      database.transaction(async (within) => {
        const sql = 'SELECT event AS text FROM orch.flow_events WHERE id = $1 FOR UPDATE'
        const [row] = await within<{ text: string }>(sql, [eventId])
        if (!row) return false
        await within(insertRunsFrom('$1', '(SELECT 1) AS one'), [runColumns(runs)])
        const event = { ...(JSON.parse(row.text) as ListedEvent), unmatched: null }
        await within('UPDATE orch.flow_events SET event = $2 WHERE id = $1', [eventId, JSON.stringify(event)])
        return true
      }),
    readRun: async (id) => {
      const [row] = await query<{ text: string }>('SELECT run AS text FROM orch.flow_runs WHERE id = $1', [id])
      return row ? toRun(row) : null
    },
    listRuns: ({ eventId = null, status = null, flow = null, cursor, limit }) =>
      readPage<FlowRun>(
        query,
        `SELECT position, run AS text FROM orch.flow_runs
         WHERE position < $1 AND ($3::text IS NULL OR event_id = $3) AND ($4::text IS NULL OR status = $4)
           AND ($5::text IS NULL OR flow = $5)
         ORDER BY position DESC LIMIT $2`,
        { cursor, limit, values: [eventId, status, flow] },
      ),
    summarizeRuns: (eventIds) =>
      query<FlowRunSummary>(
        `SELECT id, event_id AS "eventId", flow, effective_status AS "effectiveStatus" FROM orch.flow_runs
         WHERE event_id = ANY($1) ORDER BY flow COLLATE "C"`,
        [eventIds],
      ),
    updateRun: (id, change) =>
      database.transaction(async (within) => {
        const [row] = await within<{ text: string }>(
          'SELECT run AS text FROM orch.flow_runs WHERE id = $1 FOR UPDATE',
          [id],
        )
        if (!row) return null
        const before = toRun(row)
        const after = change(before)
        if (after !== before) await updateRunRow(within, after)
        return after
      }),
    startNext: (flow, options) =>
      database.transaction(
        async (within) => {
          const candidates = await lockCandidates(within, flow, options.concurrency)
          const next = startNextOf(candidates, options)
          if (next) await updateRunRow(within, next)
          return next
        },
        { lock: [flowLockKey, hashOf(flow)] },
      ),
    openRuns: async () => {
      const rows = await query<{ text: string }>(
        'SELECT run AS text FROM orch.flow_runs WHERE open_status IS NOT NULL ORDER BY position',
      )
      return rows.map(toRun)
    },
    disabledFlows: async () => {
      const rows = await query<{ flow: string }>('SELECT flow FROM orch.disabled_flows')
      return new Set(rows.map((row) => row.flow))
    },
    setDisabled: async (flow, isDisabled) => {
      const sql = isDisabled
        ? 'INSERT INTO orch.disabled_flows VALUES ($1) ON CONFLICT (flow) DO NOTHING'
        : 'DELETE FROM orch.disabled_flows WHERE flow = $1'
      await query(sql, [flow])
    },
  }
}

/** A number of 32 bits. Two flows of the same number only wait for each other. */
function hashOf(flow: string): number {
  return createHash('sha256').update(flow).digest().readInt32BE(0)
}

/** The runs of a flow that decide what is started next: those that run, as many as matter, and the one that has waited longest. */
async function lockCandidates(query: Query, flow: string, concurrency: number): Promise<FlowRun[]> {
  const running = await query<{ text: string }>(
    `SELECT run AS text FROM orch.flow_runs WHERE flow = $1 AND open_status = 'running' LIMIT $2`,
    [flow, concurrency],
  )
  if (running.length >= concurrency) return running.map(toRun)
  const waiting = await query<{ text: string }>(
    `SELECT run AS text FROM orch.flow_runs WHERE flow = $1 AND open_status = 'queued'
     ORDER BY open_since, position LIMIT 1 FOR UPDATE`,
    [flow],
  )
  return [...running, ...waiting].map(toRun)
}

interface PageQuery {
  cursor: string | undefined
  limit: number
  /** From `$3` on. */
  values: readonly unknown[]
}

/** One row more than the page has shows whether there is another page. */
async function readPage<Item>(
  query: Query,
  sql: string,
  { cursor, limit, values }: PageQuery,
): Promise<FlowPage<Item>> {
  const rows = await query<Row>(sql, [positionLimit(cursor), limit + 1, ...values])
  const page = rows.slice(0, limit)
  const last = page.at(-1)
  return {
    items: page.map(({ text }) => JSON.parse(text) as Item),
    nextCursor: rows.length > limit && last ? String(last.position) : null,
  }
}

function toRun({ text }: { text: string }): FlowRun {
  return JSON.parse(text) as FlowRun
}
