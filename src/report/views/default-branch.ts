import type { PlannedJob } from '../../model/build/plan.js'
import { sanitize } from '../../lib/sanitize.js'

/** `default branch main 1a2b3c4`: what a job builds in place of an absent branch; null: it builds the branch of the change, or nothing. */
export function describeDefaultBranch({ defaultBranch, headSha }: PlannedJob): string | null {
  if (defaultBranch === undefined) return null
  return `default branch ${sanitize(defaultBranch)} ${sanitize(headSha?.slice(0, 7) ?? '')}`
}
