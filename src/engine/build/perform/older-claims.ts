import type { ListedStatus } from '../../../model/change.js'
import { readStatusMark } from '../../../model/status-description.js'
import { repoKey } from '../../../model/repo-name.js'
import { isOwn } from '../verify/compare-statuses.js'
import { indexPlan } from '../state/plan-index.js'
import { findTarget } from './action-context.js'
import type { ActionContext, ActionOf } from './action-context.js'

/**
 * The orchestrations that claimed the change between its plan and the claim that was just posted: they started at the same time, and
 * their runs can be reused. Only the first head is read, because the order of the claims on it decides which orchestration is newer. Empty
 * if nothing could be reused, or the statuses cannot be read, in which case at most something is built again.
 */
export async function readOlderClaims(
  context: ActionContext,
  { repo, headSha }: ActionOf<'post-status'>,
): Promise<string[]> {
  const { id, plan } = context.state()
  const { targets, jobs, graph } = plan
  const isFirst = targets.every((other) => repoKey(other.repo) >= repoKey(repo))
  const mayReuse = jobs.some(({ action, carriesMarker }) => action === 'run' && carriesMarker)
  if (!isFirst || !mayReuse || indexPlan(plan).isClaimedBefore) return []
  const read = await context.github.listStatuses({ repo, headSha, context: graph.statusContext })
  return read.ok ? claimsBefore(id, read.value, findTarget(context, repo)?.status?.createdAt ?? -Infinity) : []
}

/** The other orchestrations with a `pending` after `since` and before our first status. */
function claimsBefore(id: string, history: readonly ListedStatus[], since: number): string[] {
  const first = Math.min(...history.filter(({ description }) => isOwn({ id }, description)).map((own) => own.id))
  const claims = history.filter(
    (status) => status.state === 'pending' && status.id < first && status.createdAt >= since,
  )
  const writers = claims.flatMap(({ description }) => {
    const mark = readStatusMark(description)
    return mark?.writer === 'run' ? [mark.id] : []
  })
  return [...new Set(writers)]
}
