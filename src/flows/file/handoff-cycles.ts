import type { Flow } from '../../model/flow/flow.js'

/** A cycle of handoffs for each flow that is part of one: its names in order, the flow itself first and last. */
export function handoffCycles(flows: readonly Flow[]): ReadonlyMap<string, readonly string[]> {
  const next = new Map(
    flows.map(({ name, steps }) => [name, steps.flatMap((step) => (step.kind === 'handoff' ? [step.flow] : []))]),
  )
  const cycles = new Map<string, readonly string[]>()
  for (const { name } of flows) {
    const way = wayBack(name, next)
    if (way) cycles.set(name, way)
  }
  return cycles
}

/** The shortest way from a flow back to itself; null: there is none. */
function wayBack(start: string, next: ReadonlyMap<string, readonly string[]>): string[] | null {
  const reachedFrom = new Map<string, string>()
  const queue = [start]
  // The queue grows while it is iterated.
  for (const name of queue) {
    for (const following of next.get(name) ?? []) {
      if (following === start) return wayTo(name, start, reachedFrom)
      if (reachedFrom.has(following)) continue
      reachedFrom.set(following, name)
      queue.push(following)
    }
  }
  return null
}

function wayTo(last: string, start: string, reachedFrom: ReadonlyMap<string, string>): string[] {
  const way = [start]
  for (let name: string | undefined = last; name !== undefined && name !== start; name = reachedFrom.get(name))
    way.unshift(name)
  return [start, ...way]
}
