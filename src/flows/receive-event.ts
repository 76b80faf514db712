import { differingField } from '../model/flow/flow-event.js'
import type { FlowEvent, NewEvent } from '../model/flow/flow-event.js'
import { newRun } from '../model/flow/flow-progress.js'
import type { FlowRun } from '../model/flow/flow-run.js'
import type { Flow } from '../model/flow/flow.js'
import type { FlowStore } from '../ports/flow-store.js'
import { usableFlows } from './catalog.js'
import type { ReadFlows } from './catalog.js'
import { matchEvent } from './match-event.js'
import type { CheckPayload } from './match-event.js'
import { runId } from './run-id.js'

export interface FlowPorts {
  store: FlowStore
  readFlows: ReadFlows
  checkPayload: CheckPayload
  /** ms since the epoch, UTC. */
  now: () => number
  /** Why a flow cannot be executed here, as a clause; null: it can. */
  unsupported: (flow: Flow) => string | null | Promise<string | null>
}

/** What became of an event. */
export type Received =
  /** It was kept now, with the runs that it starts. */
  | { kind: 'accepted'; event: FlowEvent; runs: readonly FlowRun[] }
  /** The same event was kept before: nothing was changed. */
  | { kind: 'known'; event: FlowEvent; runs: readonly FlowRun[] }
  /** Another event was kept under this id before: it differs in `field`. */
  | { kind: 'conflict'; event: FlowEvent; field: string }
  /** A flow that it would start cannot be executed here. Nothing was kept. `why` is a clause. */
  | { kind: 'unsupported'; flow: string; why: string }

/** Keeps a valid event once and creates the runs of the flows that match it. Executes nothing. */
export async function receiveEvent(ports: FlowPorts, sent: NewEvent): Promise<Received> {
  const { readFlows, store, checkPayload } = ports
  const usable = usableFlows(await readFlows(), await store.disabledFlows())
  return keepEvent(ports, sent, { ...matchEvent(sent, usable, checkPayload), flow: null, depth: 0 })
}

/** The flows that an event starts, and where it comes from. */
export interface EventTargets {
  flows: readonly Flow[]
  unmatched: string | null
  flow: string | null
  depth: number
}

/** Keeps an event with the runs of these flows, unless one of its id is kept already. */
export async function keepEvent(ports: FlowPorts, sent: NewEvent, targets: EventTargets): Promise<Received> {
  const { store, now, unsupported } = ports
  const { flows, unmatched, flow, depth } = targets
  for (const each of flows) {
    const why = await unsupported(each)
    if (why !== null) return (await findKnown(store, sent)) ?? { kind: 'unsupported', flow: each.name, why }
  }
  const createdAt = now()
  const { id, type, source, receivedAt = createdAt, payload, context = [] } = sent
  const event: FlowEvent = { id, type, source, receivedAt, payload, context, flow, depth, createdAt, unmatched }
  const runs = flows.map(({ name }) => newRun({ id: runId(event, name), eventId: id, flow: name }, createdAt))
  const kept = await store.accept(event, runs)
  return kept.kind === 'accepted' ? { kind: 'accepted', event, runs } : toKnown(store, kept.event, sent)
}

/** What became of an event whose id is kept already; null: it is not. */
export async function findKnown(store: FlowStore, sent: NewEvent): Promise<Received | null> {
  const event = await store.readEvent(sent.id)
  return event && toKnown(store, event, sent)
}

async function toKnown(store: FlowStore, event: FlowEvent, sent: NewEvent): Promise<Received> {
  const field = differingField(event, sent)
  if (field !== null) return { kind: 'conflict', event, field }
  return { kind: 'known', event, runs: await runsOf(store, event.id) }
}

/** All runs of an event, in the order of their flows' names. */
export async function runsOf(store: FlowStore, eventId: string): Promise<readonly FlowRun[]> {
  const runs: FlowRun[] = []
  let cursor: string | null = null
  do {
    const page = await store.listRuns({ eventId, limit: 100, ...(cursor === null ? {} : { cursor }) })
    runs.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return runs.toSorted((one, other) => (one.flow < other.flow ? -1 : 1))
}
