import type { FlowEvent } from '../../model/flow/flow-event.js'
import type { FlowRun } from '../../model/flow/flow-run.js'
import { endedBefore } from './flow-rules.js'
import type { ItemFolder } from './item-folder.js'

export interface PruneFilesOptions {
  events: ItemFolder<FlowEvent>
  runs: ItemFolder<{ run: FlowRun }>
  /** ms, UTC. */
  before: number
}

/** The most events of one call: it is a part of every command that sends an event. */
const batchSize = 50

/**
 * Removes old events with their runs, and returns the ids of the runs. Names begin with the order of arrival, so that only what is old is read.
 * Called under the lock of the folder.
 */
export async function pruneFiles(options: PruneFilesOptions): Promise<string[]> {
  const { events, runs } = options
  const old = await oldEvents(options)
  if (old.size === 0) return []
  const removed: string[] = []
  const ofEvents = await oldRuns(options)
  for (const [id, { name, event }] of old) {
    const own = ofEvents.filter(({ run }) => run.eventId === id)
    // An event without old runs that has started some was matched by a later replay.
    const isKept =
      own.length === 0 ? event.unmatched === null : !own.every(({ run }) => endedBefore(run, options.before))
    if (isKept) continue
    // The event comes first: a crash leaves runs without an event, which the next call removes.
    await events.remove(name)
    for (const { name: runName, run } of own) {
      await runs.remove(runName)
      removed.push(run.id)
    }
  }
  for (const { name, run } of ofEvents) {
    const isLeft = !old.has(run.eventId) && endedBefore(run, options.before)
    if (isLeft && (await events.find(run.eventId)) === undefined) await runs.remove(name)
  }
  return removed
}

async function oldEvents({
  events,
  before,
}: PruneFilesOptions): Promise<Map<string, { name: string; event: FlowEvent }>> {
  const old = new Map<string, { name: string; event: FlowEvent }>()
  for (const name of await events.names()) {
    const event = await events.readSound(name)
    if (event && event.createdAt >= before) break
    if (event) old.set(event.id, { name, event })
    if (old.size === batchSize) break
  }
  return old
}

/** The runs that were created before the time; a later one keeps its event. */
async function oldRuns({ runs, before }: PruneFilesOptions): Promise<{ name: string; run: FlowRun }[]> {
  const old: { name: string; run: FlowRun }[] = []
  for (const name of await runs.names()) {
    const kept = await runs.readSound(name)
    if (kept && kept.run.createdAt >= before) break
    if (kept) old.push({ name, run: kept.run })
  }
  return old
}
