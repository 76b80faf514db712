import type { ListedStatus, PullRequestState, RepositoryReading } from '../../../model/change.js'
import type { Failure } from '../../../model/failure.js'
import { repositoriesOf } from '../../../model/graph.js'
import type { Orchestration } from '../../../model/build/orchestration.js'
import type { VerificationResult, VerificationStage } from '../../../model/build/state/verification.js'
import type { StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Host } from '../../../ports/host/host.js'
import type { Read } from '../../../ports/host/read.js'
import { carryOurClaims, claimedTargets } from '../verify/compare-statuses.js'
import { postOf } from '../state/posts.js'
import { byRepository, pullRequestKey } from '../verify/second-reading.js'
import { compareReadings } from '../verify/verify.js'

/** Reads the whole change again and compares it with the plan. */
export async function readAgain(
  github: Host,
  orchestration: Orchestration,
  stage: VerificationStage,
): Promise<VerificationResult> {
  const { branch, graph, members } = orchestration.plan
  const repositories = repositoriesOf(graph).map((repo) => ({ repo, workflows: [] }))
  const repeated = orchestration.verifications[stage]?.count ?? 0
  const mergeability = stage === 'before-success' || stage === 'after-success'
  const { statusContext } = graph
  const readings = await github.readChange({ branch, statusContext, repositories, repeated, mergeability })
  const open = new Set(
    readings.flatMap((reading) =>
      reading.kind === 'read' ? reading.pullRequests.map(({ number }) => pullRequestKey(reading.repo, number)) : [],
    ),
  )
  const gone = members.flatMap(({ repo, pullRequests }) =>
    pullRequests
      .filter(({ number }) => !open.has(pullRequestKey(repo, number)))
      .map(({ number }) => ({ repo, number })),
  )
  const vanished = await collect(
    gone,
    ({ repo, number }) => pullRequestKey(repo, number),
    ({ repo, number }): Promise<Read<PullRequestState>> => github.readPullRequest(repo, number),
  )
  if (!vanished.ok) return { kind: 'unreadable', failure: vanished.failure }
  const histories = await readHistories(github, orchestration, stage, readings)
  if (!histories.ok) return { kind: 'unreadable', failure: histories.failure }
  return compareReadings(orchestration, stage, { readings, vanished: vanished.value, histories: histories.value })
}

/**
 * Reads the status histories of all claimed heads, after the heads themselves, so that a push with an invalidation appears in one of the two.
 * Before success no history is needed while the readings show our claims as the newest statuses. After success only the history shows
 * the statuses that other writers posted (law 1). After a revocation only the pull requests count.
 */
async function readHistories(
  github: Host,
  orchestration: Orchestration,
  stage: VerificationStage,
  readings: readonly RepositoryReading[],
): Promise<Read<ReadonlyMap<string, readonly ListedStatus[]> | null>> {
  if (stage === 'after-revocation') return { ok: true, value: null }
  const isBefore = stage !== 'after-success'
  if (isBefore && carryOurClaims(orchestration, byRepository(readings))) return { ok: true, value: null }
  return collect(
    claimedTargets(orchestration),
    ({ repo }) => repoKey(repo),
    (target) => readHistory(github, orchestration, target),
  )
}

function readHistory(github: Host, orchestration: Orchestration, target: StatusTarget): Promise<Read<ListedStatus[]>> {
  const context = orchestration.plan.graph.statusContext
  const { repo, headSha } = target
  const downTo = firstOf(orchestration, target)
  return github.listStatuses({ repo, headSha, context, ...(downTo === null ? {} : { downTo }) })
}

/** The start of the history of a head: the time of our claim, or after a resume of the status before it, because a claim may have landed unobserved. */
function firstOf(orchestration: Orchestration, target: StatusTarget): number | null {
  const claim = postOf(orchestration, target, 'claim')
  if (orchestration.isResumed) return target.status?.createdAt ?? null
  return claim?.phase === 'posted' ? claim.status.createdAt : null
}

/** Reads all items in parallel; returns the first failure if there is one. */
async function collect<T, V>(
  items: readonly T[],
  key: (item: T) => string,
  read: (item: T) => Promise<Read<V>>,
): Promise<{ ok: true; value: Map<string, V> } | { ok: false; failure: Failure }> {
  const value = new Map<string, V>()
  for (const [item, result] of await Promise.all(items.map(async (item) => [item, await read(item)] as const))) {
    if (!result.ok) return result
    value.set(key(item), result.value)
  }
  return { ok: true, value }
}
