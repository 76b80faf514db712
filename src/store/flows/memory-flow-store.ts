import type { FlowEvent } from '../../model/flow/flow-event.js'
import { openAttempt } from '../../model/flow/flow-progress.js'
import type { FlowRun } from '../../model/flow/flow-run.js'
import type { LocalFlowStore } from '../../ports/flow-store.js'
import { matchesEventQuery, matchesRunQuery, pageOf, positionLimit, startNextOf, summariesOf } from './flow-rules.js'
import type { Positioned } from './flow-rules.js'

/** A store of events and runs that lasts as long as the process. */
export function createMemoryFlowStore(): LocalFlowStore {
  const events = new Kept<FlowEvent>()
  const runs = new Kept<FlowRun>()
  const disabled = new Set<string>()
  const isOpen = (run: FlowRun): boolean => openAttempt(run) !== null
  const add = (added: readonly FlowRun[]): void => {
    for (const run of added) if (!runs.get(run.id)) runs.set(run)
  }
  return {
    location: 'the memory of this process',
    accept: (event, started) =>
      later(() => {
        const known = events.get(event.id)
        if (known) return { kind: 'known', event: known }
        events.set(event)
        add(started)
        return { kind: 'accepted' }
      }),
    readEvent: (id) => later(() => events.get(id)),
    listEvents: (query) => pageOf(events.newestFirst(positionLimit(query.cursor)), query, matchesEventQuery(query)),
    addRuns: (eventId, added) =>
      later(() => {
        const event = events.get(eventId)
        if (!event) return false
        add(added)
        events.set({ ...event, unmatched: null })
        return true
      }),
    readRun: (id) => later(() => runs.get(id)),
    listRuns: (query) => pageOf(runs.newestFirst(positionLimit(query.cursor)), query, matchesRunQuery(query)),
    summarizeRuns: (eventIds) => later(() => summariesOf(runs.oldestFirst(), eventIds)),
    updateRun: (id, change) =>
      later(() => {
        const run = runs.get(id)
        return run && runs.set(change(run))
      }),
    startNext: (flow, options) =>
      later(() => {
        const open = runs.oldestFirst().filter((run) => run.flow === flow && isOpen(run))
        const next = startNextOf(open, options)
        return next && runs.set(next)
      }),
    openRuns: () => later(() => runs.oldestFirst().filter(isOpen)),
    // They end with this process.
    abandonedRuns: () => Promise.resolve([]),
    prune: () => Promise.resolve([]),
    disabledFlows: () => later(() => new Set(disabled)),
    setDisabled: (flow, isDisabled) =>
      later(() => {
        if (isDisabled) disabled.add(flow)
        else disabled.delete(flow)
      }),
  }
}

/** Items by id, in the order in which they arrived. */
class Kept<Item extends { id: string }> {
  readonly #byId = new Map<string, Positioned<Item>>()

  get(id: string): Item | null {
    return this.#byId.get(id)?.item ?? null
  }

  set(item: Item): Item {
    const position = this.#byId.get(item.id)?.position ?? this.#byId.size + 1
    this.#byId.set(item.id, { position, item })
    return item
  }

  oldestFirst(): Item[] {
    return [...this.#byId.values()].map(({ item }) => item)
  }

  newestFirst(below: number): Positioned<Item>[] {
    return [...this.#byId.values()].filter(({ position }) => position < below).toReversed()
  }
}

/** What a method does happens at once; its answer comes later, as from a disk. */
function later<T>(act: () => T): Promise<T> {
  return new Promise((resolve) => resolve(act()))
}
