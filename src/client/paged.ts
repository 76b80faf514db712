import type { FlowEventPageJson, FlowRunPageJson } from '../model/wire/flows.js'
import type { CallOptions, EventQuery, FlowClient, RunQuery } from './flow-client.js'

/** What a mode implements: the methods of the client, and one page of each list. */
export interface Paged extends Omit<FlowClient, 'listEvents' | 'events' | 'listRuns' | 'runs'> {
  eventPage(query: EventQuery & { cursor?: string }, options?: CallOptions): Promise<FlowEventPageJson>
  runPage(query: RunQuery & { cursor?: string }, options?: CallOptions): Promise<FlowRunPageJson>
}

/** All items of a list, page by page. */
export async function* allOf<Query extends object, Item>(
  query: Query,
  read: (query: Query & { cursor?: string }) => Promise<{ items: readonly Item[]; nextCursor: string | null }>,
): AsyncGenerator<Item, void, void> {
  let cursor: string | null = null
  do {
    const page: { items: readonly Item[]; nextCursor: string | null } = await read(
      cursor === null ? query : { ...query, cursor },
    )
    yield* page.items
    cursor = page.nextCursor
  } while (cursor !== null)
}
