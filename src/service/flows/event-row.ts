import type { FlowEvent, ListedEvent } from '../../model/flow/flow-event.js'
import type { Query } from '../database/database.js'

/** The row of an event. Lists do not read `contents`, which may have ten megabytes. */
export interface EventRow {
  /** As it is listed. */
  event: string
  /** The content of each context file, in their order; null: the files are whole in `event`. */
  contents: string | null
}

export function eventRowOf(event: FlowEvent): EventRow {
  const { context } = event
  if (context.length === 0) return { event: JSON.stringify(event), contents: null }
  const listed: ListedEvent = { ...event, context: context.map(({ name }) => ({ name })) }
  return { event: JSON.stringify(listed), contents: JSON.stringify(context.map(({ content }) => content)) }
}

export async function readEventRow(query: Query, id: string): Promise<FlowEvent | null> {
  const [row] = await query<EventRow>('SELECT event, contents FROM orch.flow_events WHERE id = $1', [id])
  if (!row) return null
  if (row.contents === null) return JSON.parse(row.event) as FlowEvent
  const listed = JSON.parse(row.event) as ListedEvent
  const contents = JSON.parse(row.contents) as string[]
  return { ...listed, context: listed.context.map(({ name }, index) => ({ name, content: contents[index] ?? '' })) }
}
