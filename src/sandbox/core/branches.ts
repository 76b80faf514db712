import type { Account, PullRequest, RefChange, Repository } from '../state/model.js'
import type { World } from '../world.js'
import { emitPull } from '../webhooks/events/pull-request.js'
import { emitRefChange } from '../webhooks/events/push.js'
import { recordActivity } from './activity.js'

/**
 * Moves, creates or deletes a ref and updates everything that depends on it. With `expected` it does so only if the ref still has that value.
 * Returns true if the ref was updated.
 */
export async function moveRef(
  world: World,
  repository: Repository,
  actor: Account,
  move: { ref: string; sha: string | null; expected?: string | null },
): Promise<boolean> {
  const before = await world.git.resolveRef(repository.id, move.ref)
  const done = await world.git.updateRef(repository.id, move.ref, move.sha, move.expected)
  if (done) await refChanged(world, repository, actor, { ref: move.ref, before, after: move.sha })
  return done
}

/** Records a change of a branch and updates its pull requests. */
export async function refChanged(
  world: World,
  repository: Repository,
  actor: Account,
  change: RefChange,
): Promise<void> {
  repository.pushedAt = world.clock.now()
  world.changed(repository)
  if (change.before === change.after) return
  emitRefChange(world, repository, actor, change)
  if (!change.ref.startsWith('refs/heads/')) return
  await recordActivity(world, repository, actor, change)
  const branch = change.ref.slice('refs/heads/'.length)
  for (const { base, pull } of world.directory.openPullsWithHead(repository, branch)) {
    if (change.after === null) closePull(world, base, pull, actor)
    else if (pull.headSha !== change.after) await synchronize(world, base, pull, { actor, sha: change.after })
  }
  for (const pull of world.directory.openPullsWithBase(repository, branch)) {
    if (change.after === null) closePull(world, repository, pull, actor)
    else await mergeIfContained(world, repository, pull, actor, change.after)
  }
}

/** Closes an open pull request without merging it. */
export function closePull(world: World, base: Repository, pull: PullRequest, actor: Account): void {
  setClosed(world, base, pull)
  emitPull(world, base, pull, { action: 'closed', sender: actor })
}

function setClosed(world: World, base: Repository, pull: PullRequest): void {
  const now = world.clock.now()
  pull.state = 'closed'
  pull.closedAt = now
  pull.updatedAt = now
  world.directory.indexPull(base, pull)
  world.changed(base)
}

/** Records that an open pull request was merged. */
export function markMerged(
  world: World,
  base: Repository,
  pull: PullRequest,
  merge: { actor: Account; sha: string },
): void {
  setClosed(world, base, pull)
  pull.mergedAt = pull.closedAt
  pull.mergedById = merge.actor.id
  pull.mergeCommitSha = merge.sha
  world.changed(base)
  emitPull(world, base, pull, { action: 'closed', sender: merge.actor })
}

async function synchronize(
  world: World,
  base: Repository,
  pull: PullRequest,
  { actor, sha }: { actor: Account; sha: string },
): Promise<void> {
  const before = pull.headSha
  await movePullHead(world, base, pull, sha)
  emitPull(world, base, pull, { action: 'synchronize', sender: actor, fields: { before, after: sha } })
}

/** Sets a new head of a pull request and updates its `refs/pull/<number>/head`. */
export async function movePullHead(world: World, base: Repository, pull: PullRequest, sha: string): Promise<void> {
  if (pull.headRepositoryId !== null) await world.git.copyCommit(pull.headRepositoryId, base.id, sha)
  await world.git.updateRef(base.id, `refs/pull/${pull.number}/head`, sha)
  pull.headSha = sha
  pull.baseSha = (await world.git.resolveRef(base.id, `refs/heads/${pull.baseRef}`)) ?? pull.baseSha
  pull.updatedAt = world.clock.now()
  world.changed(base)
}

/** As on GitHub, a push of a pull request's commits to its base merges it. */
async function mergeIfContained(
  world: World,
  base: Repository,
  pull: PullRequest,
  actor: Account,
  baseSha: string,
): Promise<void> {
  if (await world.git.isAncestor(base.id, pull.headSha, baseSha)) {
    markMerged(world, base, pull, { actor, sha: baseSha })
  }
}
