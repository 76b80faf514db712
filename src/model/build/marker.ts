import type { WorkflowTriggers } from '../workflow-triggers.js'

/** The input that takes the marker. */
export const markerInput = 'orch_id'

/** What a marker says of the run that carries it. */
export interface Marker {
  /** Id of the orchestration that dispatched it, or the key of the event that it answered. */
  origin: string
  job: string
  attempt: number
  /** First 12 hex digits of the job's fingerprint: what it builds. */
  fingerprint: string
}

/** What tells the run of one attempt of one job from all others, and what it builds: `<origin>.<job>.<attempt>.<fingerprint>`. */
export function markerOf({ origin, job, attempt, fingerprint }: Marker): string {
  return `${origin}.${job}.${attempt}.${shortFingerprint(fingerprint)}`
}

/** The marker in the title of a run; null: it carries none. */
export function readMarker(title: string): Marker | null {
  const found = /(?<![\w.-])([a-z0-9]{6,40})\.([\w-]{1,100})\.([1-9]\d{0,3})\.([0-9a-f]{12})(?![\w.-])/u.exec(title)
  if (!found) return null
  const [, origin = '', job = '', attempt = '', fingerprint = ''] = found
  return { origin, job, attempt: Number(attempt), fingerprint }
}

/** The fingerprint as a marker carries it. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 12)
}

/** Whether a workflow shows the marker: it declares the input, and its `run-name` names it. */
export function carriesMarker(triggers: WorkflowTriggers): boolean {
  if (triggers.kind !== 'dispatchable' || !triggers.inputs.has(markerInput)) return false
  return /\$\{\{[^}]*\binputs\.orch_id\b[^}]*\}\}/u.test(triggers.runName ?? '')
}
