import { newRun, replayed } from '../model/flow/flow-progress.js'
import type { FlowEvent } from '../model/flow/flow-event.js'
import type { FlowRun } from '../model/flow/flow-run.js'
import type { Flow } from '../model/flow/flow.js'
import { usableFlows } from './catalog.js'
import type { UsableFlow } from './catalog.js'
import { matchEvent } from './match-event.js'
import { runsOf } from './receive-event.js'
import type { FlowPorts } from './receive-event.js'
import { runId } from './run-id.js'

export type Replayed =
  /** Each run got one more attempt, or the event without runs was matched against the flows as they are now. */
  { kind: 'replayed'; event: FlowEvent; runs: readonly FlowRun[] } | { kind: 'absent' }

/** Gives each run of an event one more attempt, on purpose. Executes nothing. */
export async function replayEvent(ports: FlowPorts, eventId: string): Promise<Replayed> {
  const { store, now } = ports
  const event = await store.readEvent(eventId)
  if (!event) return { kind: 'absent' }
  const runs = await runsOf(store, eventId)
  if (runs.length === 0) return matchAgain(ports, event)
  const again: FlowRun[] = []
  for (const { id } of runs) {
    const run = await store.updateRun(id, (current) => replayed(current, now()))
    if (run) again.push(run)
  }
  // Otherwise it was removed in between, because its time was over.
  return again.length > 0 ? { kind: 'replayed', event, runs: again } : { kind: 'absent' }
}

async function matchAgain(ports: FlowPorts, event: FlowEvent): Promise<Replayed> {
  const { store, readFlows, checkPayload, now } = ports
  const usable = usableFlows(await readFlows(), await store.disabledFlows())
  const { flows, unmatched } =
    event.flow === null ? matchEvent(event, usable, checkPayload) : handedTo(usable, event.flow)
  const createdAt = now()
  const runs = flows.map(({ name }) => newRun({ id: runId(event, name), eventId: event.id, flow: name }, createdAt))
  if (runs.length > 0 && !(await store.addRuns(event.id, runs))) return { kind: 'absent' }
  return { kind: 'replayed', event: { ...event, unmatched }, runs }
}

function handedTo(
  usable: ReadonlyMap<string, UsableFlow>,
  name: string,
): { flows: readonly Flow[]; unmatched: string | null } {
  const found = usable.get(name)
  if (!found) return { flows: [], unmatched: `the flow ${name} does not exist any more` }
  return found.isDisabled
    ? { flows: [], unmatched: `the flow ${name} is disabled` }
    : { flows: [found.flow], unmatched: null }
}
