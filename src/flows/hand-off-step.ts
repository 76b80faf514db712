import { handOff } from './hand-off.js'
import type { HandedOff } from './hand-off.js'
import type { StepContext } from './perform-step.js'
import type { FlowPorts } from './receive-event.js'

/** Hands the event of a step on to another flow. To repeat the step changes nothing, because the id of the new event follows from it. */
export function handOffStep(
  ports: FlowPorts,
  flow: string,
  { event, run, attempt, index }: StepContext,
): Promise<HandedOff> {
  const { payload, context, depth } = event
  const id = `handoff:${attempt.id}-${index + 1}`
  return handOff(ports, { id, flow, source: `flow:${run.flow}`, payload, context, depth: depth + 1 })
}
