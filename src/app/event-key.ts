import { createHash } from 'node:crypto'
import type { Context } from '../cli/process/context.js'

/** What a CI job answers, the same when it is started again. */
export interface AnsweredEvent {
  /** 16 characters; null: nothing names the event. */
  key: string | null
  /** Whether the CI service says that this is not the first start; null: it cannot be told. */
  isRepeated: boolean | null
}

/**
 * In GitHub Actions the event is named by the run and the step of it (GITHUB_RUN_ID stays the same when a run is started again,
 * GITHUB_RUN_ATTEMPT grows); elsewhere by the text of `--event`.
 */
export function readEvent(context: Context, branch: string, named: string | undefined): AnsweredEvent {
  const { GITHUB_ACTIONS, GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION } =
    context.env
  const isActions = GITHUB_ACTIONS === 'true' && GITHUB_REPOSITORY !== undefined && GITHUB_RUN_ID !== undefined
  const isRepeated = isActions ? Number(GITHUB_RUN_ATTEMPT ?? '1') > 1 : null
  if (named !== undefined) return { key: keyOf(['event', named, branch]), isRepeated }
  if (!isActions) return { key: null, isRepeated: false }
  return { key: keyOf(['actions', GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_JOB, GITHUB_ACTION, branch]), isRepeated }
}

function keyOf(parts: readonly (string | undefined)[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex')
  return digest.slice(0, 16)
}
