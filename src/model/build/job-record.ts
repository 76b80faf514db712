import type { JobOutcome } from './orchestration.js'
import type { StatusState } from '../change.js'
import { composeDescription } from '../status-description.js'

/** What the description of a job's status vouches for. */
export interface JobRecord {
  /** Id of the orchestration that wrote it. */
  orchestration: string
  /** First 16 hex digits of the fingerprint of what was built. */
  fingerprint: string
}

/** GitHub compares contexts without case and refuses longer ones (POST /repos/{o}/{r}/statuses/{sha}). */
export const maxContextLength = 255

/** The context of a job's own status: it shows people where the build stands, and later runs what need not be built again. */
export function jobContext(statusContext: string, job: string): string {
  return `${statusContext}/${job}`
}

/** A fingerprint as a description carries it: its first 16 hex digits. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 16)
}

/** The description of a job's status, at most 140 characters. */
export function describeRecord({ orchestration, fingerprint }: JobRecord, text: string): string {
  return composeDescription(`run:${orchestration} fp:${shortFingerprint(fingerprint)}`, text)
}

/** What a description tells; null: none that orch wrote for a job. */
export function readRecord(description: string): JobRecord | null {
  const found = /^run:([a-z0-9]{6,40}) fp:([0-9a-f]{16})(?: |$)/u.exec(description)
  return found && { orchestration: found[1] ?? '', fingerprint: found[2] ?? '' }
}

/**
 * The state of the status that a job leaves; null: it leaves none, for nothing of it was built, or what was built is not the planned
 * commit, or goes on for somebody else.
 */
export function recordState(outcome: JobOutcome): StatusState | null {
  switch (outcome) {
    case 'succeeded':
      return 'success'
    case 'failed':
      return 'failure'
    case 'cancelled':
    case 'timed-out':
    case 'lost':
    case 'unknown':
      return 'error'
    case 'fresh':
    case 'moved':
    case 'left-running':
    case 'skipped':
    case 'not-run':
      return null
  }
}
