import type { WorkflowTriggers } from '../workflow-triggers.js'

/** The workflow input that receives the marker, and the key of the payload of an event. */
export const markerInput = 'orch_id'

/** Identifies the attempt of a job in the title of its run. */
export interface Marker {
  /** Id of the orchestration that dispatched it, or key of the event that triggered it. */
  origin: string
  job: string
  attempt: number
  /** First 12 hex digits of the job's fingerprint. */
  fingerprint: string
}

/** The marker as text: `<origin>.<job>.<attempt>.<fingerprint>`. */
export function markerOf({ origin, job, attempt, fingerprint }: Marker): string {
  return `${origin}.${job}.${attempt}.${shortFingerprint(fingerprint)}`
}

/** The marker in the title of a run; null: it has none. */
export function readMarker(title: string): Marker | null {
  const found = /(?<![\w.-])([a-z0-9]{6,40})\.([\w-]{1,100})\.([1-9]\d{0,3})\.([0-9a-f]{12})(?![\w.-])/u.exec(title)
  if (!found) return null
  const [, origin = '', job = '', attempt = '', fingerprint = ''] = found
  return { origin, job, attempt: Number(attempt), fingerprint }
}

/** The fingerprint in a marker: its first 12 hex digits. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 12)
}

/** Whether the runs of a workflow show the marker: it declares the input, and its `run-name` contains it. */
export function carriesMarker(triggers: WorkflowTriggers): boolean {
  if (triggers.kind !== 'dispatchable' || !triggers.inputs.has(markerInput)) return false
  return /\$\{\{[^}]*\binputs\.orch_id\b[^}]*\}\}/u.test(triggers.runName ?? '')
}

/** Whether the runs of a workflow that an event starts show the marker: its `run-name` contains the key of the payload. */
export function showsMarker(runName: string | undefined): boolean {
  return /\$\{\{[^}]*\bgithub\.event\.client_payload\.orch_id\b[^}]*\}\}/u.test(runName ?? '')
}
