import type { WorkflowTriggers } from './workflow-triggers.js'

/** The input that takes the marker. */
export const markerInput = 'orch_id'

/** What tells the run of one attempt of one job from all others. */
export function markerOf(orchestrationId: string, job: string, attempt: number): string {
  return `${orchestrationId}.${job}.${attempt}`
}

/** Whether a workflow shows the marker: it declares the input, and its `run-name` names it. */
export function carriesMarker(triggers: WorkflowTriggers): boolean {
  if (triggers.kind !== 'dispatchable' || !triggers.inputs.has(markerInput)) return false
  return /\$\{\{[^}]*\binputs\.orch_id\b[^}]*\}\}/u.test(triggers.runName ?? '')
}
