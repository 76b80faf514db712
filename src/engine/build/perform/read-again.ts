import type { ListedStatus, PullRequestState, RepositoryReading } from '../../../model/change.js'
import type { Failure } from '../../../model/failure.js'
import { repositoriesOf } from '../../../model/graph.js'
import type { Orchestration, VerificationResult, VerificationStage } from '../../../model/build/orchestration.js'
import type { StatusTarget } from '../../../model/build/plan.js'
import { repoKey } from '../../../model/repo-name.js'
import type { Host } from '../../../ports/host/host.js'
import type { Read } from '../../../ports/host/read.js'
import { carryOurClaims } from '../verify/compare-statuses.js'
import { postOf } from '../state/posts.js'
import { byRepository, compareReadings, pullRequestKey } from '../verify/verify.js'

/** Reads the whole change once more and compares it with what was planned and tested. */
export async function readAgain(
  github: Host,
  orchestration: Orchestration,
  stage: VerificationStage,
): Promise<VerificationResult> {
  const { branch, graph, members } = orchestration.plan
  const repositories = repositoriesOf(graph).map((repo) => ({ repo, workflows: [] }))
  const repeated = orchestration.verifications[stage]?.count ?? 0
  const readings = await github.readChange({ branch, statusContext: graph.statusContext, repositories, repeated })
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
 * The histories of all heads, after the heads themselves: whoever moves a head and invalidates it is seen in one of the two. None is
 * needed before success while the readings show our claims as the newest; after success, only a history tells who spoke since (law 1).
 */
async function readHistories(
  github: Host,
  orchestration: Orchestration,
  stage: VerificationStage,
  readings: readonly RepositoryReading[],
): Promise<Read<ReadonlyMap<string, readonly ListedStatus[]> | null>> {
  const isBefore = stage !== 'after-success'
  if (isBefore && carryOurClaims(orchestration, byRepository(readings))) return { ok: true, value: null }
  return collect(
    orchestration.plan.targets,
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

/** The time from which on a head's history counts: our claim's; after a resume that of what was there before it, for a claim may have landed unseen. */
function firstOf(orchestration: Orchestration, target: StatusTarget): number | null {
  const claim = postOf(orchestration, target, 'claim')
  if (orchestration.isResumed) return target.status?.createdAt ?? null
  return claim?.phase === 'posted' ? claim.status.createdAt : null
}

/** Reads all side by side; the first failure stands for the whole. */
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
