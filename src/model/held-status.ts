import type { CommitStatus } from './change.js'
import { shortenBlockers } from './merge-blocker.js'
import type { MergeBlocker } from './merge-blocker.js'
import type { RepoName } from './repo-name.js'
import { readStatusMark } from './status-description.js'

const beginning = 'tested; waits for '

/** The text of the status of a held set: `tested; waits for repoD#1: draft`. */
export function heldText(blockers: readonly MergeBlocker[], repositories: readonly RepoName[]): string {
  return `${beginning}${shortenBlockers(blockers, repositories)}`
}

/** Whether a status is that of a held set: tested, and locked until all of it could be merged (law 10). */
export function isHeldStatus({ state, description }: CommitStatus): boolean {
  return state === 'pending' && textOf(description)?.startsWith(beginning) === true
}

/** The text after the mark; null: orch did not write the status. */
export function textOf(description: string): string | null {
  if (readStatusMark(description) === null) return null
  return description.replace(/^\S+(?: set:[0-9a-f]{12})? ?/u, '')
}
