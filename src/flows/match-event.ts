import { listed } from '../lib/listed.js'
import { matchesBranches } from '../model/branch-pattern.js'
import type { Flow } from '../model/flow/flow.js'
import type { FlowEvent, Json } from '../model/flow/flow-event.js'
import type { UsableFlow } from './catalog.js'

/** Why a payload does not fit a JSON Schema, as a clause that names the place; null: it fits. */
export type CheckPayload = (schema: Readonly<Record<string, Json>>, payload: Json) => string | null

/** The flows that an event starts, and, where there is none, why: text for a reader. */
export type EventMatch = { flows: readonly Flow[]; unmatched: null } | { flows: readonly []; unmatched: string }

/** Matches an event from outside against the flows as they are now. */
export function matchEvent(
  event: Pick<FlowEvent, 'type' | 'source' | 'payload'>,
  usable: ReadonlyMap<string, UsableFlow>,
  checkPayload: CheckPayload,
): EventMatch {
  const flows: Flow[] = []
  const reasons: string[] = []
  for (const { flow, isDisabled } of usable.values()) {
    if (!isMeant(event, flow)) continue
    const problem = flow.on.event?.payload ? checkPayload(flow.on.event.payload, event.payload) : null
    if (isDisabled) reasons.push(`${flow.name} is disabled`)
    else if (problem !== null) reasons.push(`${flow.name} does not accept the payload: ${problem}`)
    else flows.push(flow)
  }
  if (flows.length > 0) return { flows, unmatched: null }
  return { flows: [], unmatched: reasons.length > 0 ? reasons.join('; ') : noneMatches(event, usable) }
}

function isMeant({ type, source }: Pick<FlowEvent, 'type' | 'source'>, { on: { event } }: Flow): boolean {
  if (!event || (event.source !== null && event.source !== source)) return false
  return event.types.length === 0 || matchesBranches(event.types, type)
}

function noneMatches(
  { type, source }: Pick<FlowEvent, 'type' | 'source'>,
  usable: ReadonlyMap<string, UsableFlow>,
): string {
  const known = [...usable.values()].flatMap(({ flow: { name, on } }) =>
    on.event ? [`${name} (${describeTrigger(on.event)})`] : [],
  )
  const what = `no flow matches the type ${JSON.stringify(type)} from ${JSON.stringify(source)}`
  return known.length === 0
    ? `${what}: no flow is started by events`
    : `${what}; flows started by events: ${listed(known)}`
}

function describeTrigger({ types, source }: NonNullable<Flow['on']['event']>): string {
  const what = types.length === 0 ? 'every type' : types.join(', ')
  return source === null ? what : `${what} from ${source}`
}
