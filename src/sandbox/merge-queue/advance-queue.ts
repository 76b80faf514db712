import { markMerged, moveRef, refChanged } from '../core/branches.js'
import { mergeCommit, mergeMessage } from '../core/pulls.js'
import { branchSha } from '../core/revisions.js'
import { requiredResult } from '../core/rules.js'
import type { MergeGroup, QueueEntry, RemovalReason } from '../state/merge-queue.js'
import type { Account, PullRequest, Repository } from '../state/model.js'
import { emitMergeGroup } from '../webhooks/events/merge-group.js'
import { emitPull } from '../webhooks/events/pull-request.js'
import type { World } from '../world.js'
import { queueBot, queueRuleOf } from './queue-rule.js'
import type { QueueRule } from './queue-rule.js'

/** The queue of one base branch. */
interface Queue {
  world: World
  repository: Repository
  baseRef: string
  rule: QueueRule
  bot: Account
}

/** Takes the queues of a repository as far as they go: groups are built, merged and removed until nothing more can be done. */
export async function advanceQueues(world: World, repository: Repository): Promise<void> {
  while (await advance(world, repository)) continue
}

/** Does the next thing. Returns false if there is none. */
async function advance(world: World, repository: Repository): Promise<boolean> {
  const bot = queueBot(world)
  for (const entry of repository.mergeQueue) {
    const reason = staleReason(repository, entry)
    if (reason === null) continue
    await removeEntry(world, repository, entry, { reason, sender: bot })
    return true
  }
  const bases = new Set(repository.mergeQueue.map((entry) => pullOf(repository, entry).baseRef))
  for (const baseRef of bases) {
    const rule = queueRuleOf(repository, baseRef)
    if (rule !== null && (await advanceQueue({ world, repository, baseRef, rule, bot }))) return true
  }
  return false
}

/** Returns why an entry cannot stay in its queue; null if it can. */
function staleReason(repository: Repository, entry: QueueEntry): RemovalReason | null {
  const pull = pullOf(repository, entry)
  if (pull.mergedAt !== null) return 'ALREADY_MERGED'
  if (pull.state === 'closed') return 'MANUAL'
  if (pull.headSha !== entry.headSha) return 'UNKNOWN_REMOVAL_REASON'
  return queueRuleOf(repository, pull.baseRef) === null ? 'QUEUE_CLEARED' : null
}

async function advanceQueue(queue: Queue): Promise<boolean> {
  const { world, repository, baseRef, rule, bot } = queue
  let parent = await branchSha(world, repository, baseRef)
  const entries = repository.mergeQueue.filter((entry) => pullOf(repository, entry).baseRef === baseRef)
  for (const [index, entry] of entries.slice(0, rule.maxEntriesToBuild).entries()) {
    if (parent === null) return false
    if (entry.group?.baseSha !== parent) {
      await buildGroup(queue, entry, parent)
      return true
    }
    const result = requiredResult(world, repository, baseRef, entry.group.headSha)
    const reason = failureReason(queue, entry.group, result)
    if (reason !== null) {
      await removeEntry(world, repository, entry, { reason, sender: bot })
      return true
    }
    if (result === 'success' && index === 0) {
      await mergeGroup(queue, entry, entry.group)
      return true
    }
    parent = entry.group.headSha
  }
  return false
}

function failureReason(
  { world, rule }: Queue,
  group: MergeGroup,
  result: 'success' | 'pending' | 'failure',
): RemovalReason | null {
  if (result === 'failure') return 'CI_FAILURE'
  const isLate = world.clock.now() - group.createdAt >= rule.checkResponseTimeoutMs
  return result === 'pending' && isLate ? 'CI_TIMEOUT' : null
}

/** Builds the group of an entry, in place of one whose parent has become obsolete. An entry that conflicts leaves the queue. */
async function buildGroup(queue: Queue, entry: QueueEntry, baseSha: string): Promise<void> {
  const { world, repository, baseRef, rule, bot } = queue
  if (entry.group !== null) await destroyGroup(queue, entry.group, 'invalidated')
  entry.group = null
  const pull = pullOf(repository, entry)
  const squash = rule.method === 'squash'
  const message = mergeMessage(pull, { method: rule.method })
  const author = world.directory.accountById(entry.enqueuerId)
  const headSha = await mergeCommit(world, repository, pull, { baseSha, message, squash, author })
  if (headSha === null) {
    await removeEntry(world, repository, entry, { reason: 'MERGE_CONFLICT', sender: bot })
    return
  }
  const headRef = `refs/heads/gh-readonly-queue/${baseRef}/pr-${pull.number}-${baseSha}`
  const group: MergeGroup = { headSha, headRef, baseSha, createdAt: world.clock.now() }
  await moveRef(world, repository, bot, { ref: headRef, sha: headSha })
  entry.group = group
  world.changed(repository)
  emitMergeGroup(world, repository, { group, baseRef, sender: bot, action: 'checks_requested' })
}

async function mergeGroup(queue: Queue, entry: QueueEntry, group: MergeGroup): Promise<void> {
  const { world, repository, baseRef, bot } = queue
  const ref = `refs/heads/${baseRef}`
  // A base that moved in between makes the group obsolete, which the next step sees.
  if (!(await world.git.updateRef(repository.id, ref, group.headSha, group.baseSha))) return
  const pull = pullOf(repository, entry)
  takeOut(world, repository, entry, { reason: 'MERGE', sender: bot })
  markMerged(world, repository, pull, { actor: bot, sha: group.headSha })
  const change = { ref, before: group.baseSha, after: group.headSha, merge: 'merge_queue_merge' as const }
  await refChanged(world, repository, bot, change)
  await destroyGroup(queue, group, 'merged')
}

/** Removes an entry that is not merged, with its group. */
export async function removeEntry(
  world: World,
  repository: Repository,
  entry: QueueEntry,
  removal: { reason: RemovalReason; sender: Account },
): Promise<void> {
  takeOut(world, repository, entry, removal)
  if (entry.group === null) return
  const { baseRef } = pullOf(repository, entry)
  await destroyGroup({ world, repository, baseRef, bot: queueBot(world) }, entry.group, 'dequeued')
}

function takeOut(
  world: World,
  repository: Repository,
  entry: QueueEntry,
  { reason, sender }: { reason: RemovalReason; sender: Account },
): void {
  repository.mergeQueue = repository.mergeQueue.filter((other) => other !== entry)
  world.changed(repository)
  emitPull(world, repository, pullOf(repository, entry), { action: 'dequeued', sender, fields: { reason } })
}

async function destroyGroup(
  { world, repository, baseRef, bot }: Omit<Queue, 'rule'>,
  group: MergeGroup,
  reason: 'merged' | 'invalidated' | 'dequeued',
): Promise<void> {
  emitMergeGroup(world, repository, { group, baseRef, sender: bot, action: 'destroyed', reason })
  await moveRef(world, repository, bot, { ref: group.headRef, sha: null })
}

function pullOf(repository: Repository, { pullNumber }: QueueEntry): PullRequest {
  const pull = repository.pulls.get(pullNumber)
  if (pull === undefined) throw new Error(`the pull request ${pullNumber} in a merge queue is gone`)
  return pull
}
