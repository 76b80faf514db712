import { openAttempt, startAttempt, withAttempt } from '../../model/flow/flow-progress.js'
import type { ListedEvent } from '../../model/flow/flow-event.js'
import { lastAttempt, summaryOf } from '../../model/flow/flow-run.js'
import type { FlowAttempt, FlowRun, FlowRunSummary } from '../../model/flow/flow-run.js'
import type { FlowEventQuery, FlowPage, FlowPageQuery, FlowRunQuery, StartNextOptions } from '../../ports/flow-store.js'

/** Something that is kept, with its place in the order of arrival, from 1. */
export interface Positioned<Item> {
  position: number
  item: Item
}

/** How long an event, its runs, their output and their files are kept after the last of it happened, ms. Deliveries are kept as long. */
export const eventsKeptMs = 30 * 86_400_000

/** Whether all attempts of a run ended before a time. */
export function endedBefore(run: FlowRun, before: number): boolean {
  const { endedAt } = lastAttempt(run)
  return openAttempt(run) === null && endedAt !== null && endedAt < before
}

/** The positions below a cursor. A cursor that no list has given selects nothing. */
export function positionLimit(cursor: string | undefined): number {
  if (cursor === undefined) return Number.MAX_SAFE_INTEGER
  return /^\d{1,15}$/u.test(cursor) ? Number(cursor) : 0
}

/** One page of items that come newest first. Reads no more of them than the page needs. */
export async function pageOf<Item>(
  newestFirst: Iterable<Positioned<Item>> | AsyncIterable<Positioned<Item>>,
  { limit }: FlowPageQuery,
  matches: (item: Item) => boolean,
): Promise<FlowPage<Item>> {
  const items: Item[] = []
  let last = 0
  for await (const { position, item } of newestFirst) {
    if (!matches(item)) continue
    if (items.length === limit) return { items, nextCursor: String(last) }
    items.push(item)
    last = position
  }
  return { items, nextCursor: null }
}

export function matchesEventQuery({ type, source }: FlowEventQuery): (event: ListedEvent) => boolean {
  return (event) => (type === undefined || event.type === type) && (source === undefined || event.source === source)
}

export function matchesRunQuery({ eventId, status, flow }: FlowRunQuery): (run: FlowRun) => boolean {
  return (run) =>
    (eventId === undefined || run.eventId === eventId) &&
    (flow === undefined || run.flow === flow) &&
    (status === undefined || lastAttempt(run).status === status)
}

/** The summaries of the runs of these events, in the order of their flows' names. */
export function summariesOf(runs: readonly FlowRun[], eventIds: readonly string[]): FlowRunSummary[] {
  const wanted = new Set(eventIds)
  return runs
    .filter(({ eventId }) => wanted.has(eventId))
    .map(summaryOf)
    .toSorted((one, other) => (one.flow < other.flow ? -1 : 1))
}

/**
 * The run of the attempt that is started next, afterwards; null: none. It has waited longest, and there is room for it.
 * @param open the open runs of one flow, in the order of their arrival
 */
export function startNextOf(
  open: readonly FlowRun[],
  { concurrency, stepCount, now }: StartNextOptions,
): FlowRun | null {
  const attempts = open.flatMap((run): { run: FlowRun; attempt: FlowAttempt }[] => {
    const attempt = openAttempt(run)
    return attempt ? [{ run, attempt }] : []
  })
  if (attempts.filter(({ attempt }) => attempt.status === 'running').length >= concurrency) return null
  const [next] = attempts
    .filter(({ attempt }) => attempt.status === 'queued')
    .toSorted((one, other) => one.attempt.createdAt - other.attempt.createdAt)
  return next ? withAttempt(next.run, startAttempt(next.attempt, stepCount, now)) : null
}
