import type { JobOutcome } from './state/job-state.js'
import type { StatusState } from '../change.js'
import { composeDescription } from '../status-description.js'

/** The content of the description of a job's status. */
export interface JobRecord {
  /** Id of the orchestration that wrote it. */
  orchestration: string
  /** First 16 hex digits of the fingerprint of what was built. */
  fingerprint: string
}

/** GitHub refuses longer contexts (POST /repos/{o}/{r}/statuses/{sha}), and compares contexts without case. */
export const maxContextLength = 255

/** The context of a job's own status: it shows people the result of the build, and later runs what they need not build again. */
export function jobContext(statusContext: string, job: string): string {
  return `${statusContext}/${job}`
}

/** The fingerprint in a description: its first 16 hex digits. */
export function shortFingerprint(fingerprint: string): string {
  return fingerprint.slice(0, 16)
}

/** The description of a job's status, at most 140 characters. */
export function describeRecord({ orchestration, fingerprint }: JobRecord, text: string): string {
  return composeDescription(`run:${orchestration} fp:${shortFingerprint(fingerprint)}`, text)
}

/** The record in a description; null: orch did not write it for a job. */
export function readRecord(description: string): JobRecord | null {
  const found = /^run:([a-z0-9]{6,40}) fp:([0-9a-f]{16})(?: |$)/u.exec(description)
  return found && { orchestration: found[1] ?? '', fingerprint: found[2] ?? '' }
}

/**
 * The state of the status that a settled job posts; null: it posts none, because nothing was built, the run built another commit than the
 * planned one, or the run was left running.
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
