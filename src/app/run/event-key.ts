import { createHash } from 'node:crypto'
import type { Environment } from '../environment.js'

/** The event that a CI job handles. It is the same when the job is started again. */
export interface HandledEvent {
  /** 16 characters; null: nothing names the event. */
  key: string | null
  /** Whether the CI service says that the job was started before; null: it does not say. */
  isRepeated: boolean | null
  /** Whether the user named it. */
  isNamed: boolean
}

export interface ReadEventOptions {
  env: Environment
  branch: string
  /** The text of `--event`. */
  named: string | undefined
}

/**
 * In GitHub Actions the event is identified by the workflow run and the step (GITHUB_RUN_ID stays the same when a run is started again,
 * and GITHUB_RUN_ATTEMPT grows); elsewhere by the text of `--event`.
 */
export function readEvent({ env, branch, named }: ReadEventOptions): HandledEvent {
  const { GITHUB_ACTIONS, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION } = env
  const isActions = GITHUB_ACTIONS === 'true' && GITHUB_REPOSITORY !== undefined && GITHUB_RUN_ID !== undefined
  const isRepeated = isActions ? Number(GITHUB_RUN_ATTEMPT ?? '1') > 1 : null
  if (named !== undefined) return { key: keyOf(['event', named, branch]), isRepeated, isNamed: true }
  if (!isActions) return { key: null, isRepeated: false, isNamed: false }
  const key = keyOf(['actions', GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_JOB, GITHUB_ACTION, branch])
  return { key, isRepeated, isNamed: false }
}

function keyOf(parts: readonly (string | undefined)[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return digest.slice(0, 16)
}
