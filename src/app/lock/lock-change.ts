import { checkStatus } from '../../engine/build/check-status.js'
import type { RepositoryReading } from '../../model/change.js'
import type { ChangeStatus } from '../../model/change-status.js'
import type { Graph } from '../../model/graph.js'
import { repositoriesOf } from '../../model/graph.js'
import { heldText } from '../../model/held-status.js'
import type { Invalidation } from '../../model/invalidation.js'
import { definiteBlockers } from '../../model/merge-blocker.js'
import { repoKey } from '../../model/repo-name.js'
import { readStatusMark } from '../../model/status-description.js'
import type { Clock } from '../../ports/clock.js'
import type { EndedPullRequests } from '../../ports/host/ended-pull-requests.js'
import type { Host } from '../../ports/host/host.js'
import type { Store } from '../../ports/store.js'
import { readEntry } from '../history/read-history.js'
import { invalidateChange } from '../invalidate-change.js'
import { isTestedApartFromMerges } from './apart-from-merges.js'
import { whyLock } from './why-lock.js'
import type { LockHints } from './why-lock.js'

export interface LockChangeOptions {
  host: Host & EndedPullRequests
  clock: Clock
  /** Numbers in [0, 1). */
  random: () => number
  store: Store
  graph: Graph
  branch: string
  /** What happened, as the pull requests show it. */
  reason: string
  /** The page that the statuses link to. */
  link: string
  hints: LockHints
}

/** `kept`: nothing had to be locked. The other kinds are those of an invalidation. */
export type LockChangeResult =
  | { kind: 'kept'; status: ChangeStatus }
  | { kind: 'done' | 'incomplete' | 'auth'; invalidation: Invalidation }

/**
 * Locks the pull requests of a change after an event, if its state requires that. An orchestration that is building the change is left
 * alone, because it notices by itself that the change moved.
 */
export async function lockChange(options: LockChangeOptions): Promise<LockChangeResult> {
  const { graph, branch, hints } = options
  const readings = await readMembers(options)
  const status = checkStatus(graph, branch, readings)
  const cause = whyLock(status, hints)
  if (cause === null) return { kind: 'kept', status }
  if (cause === 'changed' && (await isOnlyMerged(options, status, readings))) return { kind: 'kept', status }
  const reason = heldReason(graph, status) ?? options.reason
  return invalidateChange({ ...options, reason, onlyIfChanged: false, isDryRun: false })
}

function readMembers({ host, graph, branch }: LockChangeOptions): Promise<RepositoryReading[]> {
  return host.readChange({
    branch,
    statusContext: graph.statusContext,
    repositories: repositoriesOf(graph).map((repo) => ({ repo, workflows: [] })),
    membership: true,
    mergeability: true,
    ahead: true,
  })
}

async function isOnlyMerged(
  { host, graph, branch, store }: LockChangeOptions,
  status: ChangeStatus,
  all: readonly RepositoryReading[],
): Promise<boolean> {
  const readings = all.flatMap((reading) => (reading.kind === 'read' ? [reading] : []))
  if (readings.length < all.length) return false
  return isTestedApartFromMerges({ host, graph, branch, status, readings, members: await testedMembers(store, status) })
}

/** The members of the orchestration that unlocked the change; null: its journal is not here. */
async function testedMembers(store: Store, { repositories }: ChangeStatus): Promise<ReadonlySet<string> | null> {
  const ids = repositories.flatMap((row) => {
    const mark = row.kind === 'member' && row.status ? readStatusMark(row.status.description) : null
    return mark ? [mark.id] : []
  })
  // The latest first: an id begins with its time.
  for (const id of [...new Set(ids)].sort().reverse()) {
    const entry = await readEntry(store, id)
    if (entry === null || entry.state === 'unreadable') continue
    return new Set(entry.orchestration.plan.members.map(({ repo }) => repoKey(repo)))
  }
  return null
}

/** The text of a held set, if the change was tested as it is and only waits for pull requests that cannot be merged; null: it is not so. */
function heldReason(graph: Graph, { repositories }: ChangeStatus): string | null {
  const members = repositories.flatMap((row) => (row.kind === 'member' ? [row] : []))
  const open = members.filter(({ pullRequests }) => pullRequests.length > 0)
  const isTested = open.every(({ status, digestMatches, headSha, pullRequests }) => {
    return status?.state === 'success' && digestMatches === true && pullRequests.every((pr) => pr.headSha === headSha)
  })
  const blockers = definiteBlockers(members.flatMap((member) => member.blockers))
  return isTested && blockers.length > 0 ? heldText(blockers, repositoriesOf(graph)) : null
}
