import type { ListedStatus } from '../../../model/change.js'
import { readStatusMark } from '../../../model/status-description.js'
import { repoKey } from '../../../model/repo-name.js'
import { concurrentStartMs } from '../decide/job/find-reusable-run.js'
import { isOwn } from '../verify/compare-statuses.js'
import type { ActionContext, ActionOf } from './action-context.js'

/**
 * The orchestrations that claimed the change just before the claim that was just posted: they started at the same time, and their runs can be
 * reused. Only the first head is read, because the order of the claims on it decides which orchestration is newer. Empty if nothing could be
 * reused, or the statuses cannot be read, in which case at most something is built again.
 */
export async function readOlderClaims(
  context: ActionContext,
  { repo, headSha }: ActionOf<'post-status'>,
  claim: ListedStatus,
): Promise<string[]> {
  const { id, plan } = context.state()
  const { targets, jobs, graph } = plan
  const isFirst = targets.every((other) => repoKey(other.repo) >= repoKey(repo))
  const mayReuse = jobs.some(({ action, carriesMarker }) => action === 'run' && carriesMarker)
  if (!isFirst || !mayReuse) return []
  const read = await context.github.listStatuses({ repo, headSha, context: graph.statusContext })
  return read.ok ? claimsBefore(id, claim, read.value) : []
}

/** The other orchestrations with a `pending` just before our first status. */
function claimsBefore(id: string, claim: ListedStatus, history: readonly ListedStatus[]): string[] {
  const own = history.filter(({ description }) => isOwn({ id }, description))
  const first = [claim, ...own].reduce((one, other) => (other.id < one.id ? other : one))
  const claims = history.filter(
    (status) =>
      status.state === 'pending' && status.id < first.id && status.createdAt > first.createdAt - concurrentStartMs,
  )
  const writers = claims.flatMap(({ description }) => {
    const mark = readStatusMark(description)
    return mark?.writer === 'run' ? [mark.id] : []
  })
  return [...new Set(writers)]
}
