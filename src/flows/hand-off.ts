import { flowHint } from '../model/flow/flow-hint.js'
import { maxDepth } from '../model/flow/flow-event.js'
import type { ContextFile } from '../model/flow/context-file.js'
import type { Json } from '../model/flow/flow-event.js'
import { usableFlows } from './catalog.js'
import { findKnown, keepEvent } from './receive-event.js'
import type { FlowPorts, Received } from './receive-event.js'

/** The type of an event that hands work to one flow. */
export const handoffType = 'handoff'

/** Work for one flow. */
export interface Handoff {
  /** The same id again changes nothing. */
  id: string
  flow: string
  /** Who hands it on: a person, a program, or the flow `flow:<name>`. */
  source: string
  payload: Json
  context: readonly ContextFile[]
  /** How many flows handed it on before. */
  depth: number
}

export type HandedOff =
  | Received
  /** `hint`: what there is instead, as a sentence. */
  | { kind: 'unknown-flow'; hint: string }
  | { kind: 'disabled' }
  /** The flow does not accept what is handed on: its file has no `dispatch: true`. */
  | { kind: 'no-dispatch' }
  /** Flows hand on to each other without an end. */
  | { kind: 'too-deep' }

/** Hands a payload and context files to one flow. Keeps nothing where that flow cannot take them. Executes nothing. */
export async function handOff(
  ports: FlowPorts,
  { id, flow, source, payload, context, depth }: Handoff,
): Promise<HandedOff> {
  const { readFlows, store } = ports
  const sent = { id, type: handoffType, source, payload, context, flow }
  const known = await findKnown(store, sent)
  if (known) return known
  const usable = usableFlows(await readFlows(), await store.disabledFlows())
  const found = usable.get(flow)
  if (!found) return { kind: 'unknown-flow', hint: flowHint(flow, [...usable.keys()]) }
  if (found.isDisabled) return { kind: 'disabled' }
  if (!found.flow.on.dispatch) return { kind: 'no-dispatch' }
  if (depth > maxDepth) return { kind: 'too-deep' }
  return keepEvent(ports, sent, { flows: [found.flow], unmatched: null, flow, depth })
}
