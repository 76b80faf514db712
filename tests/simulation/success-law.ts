import type { ListedStatus } from '../../src/model/change.js'
import { shortDigest } from '../../src/model/set-digest.js'
import { readStatusMark } from '../../src/model/status-description.js'
import type { StatusPost } from '../../src/ports/host/statuses.js'
import { isForeign } from './world-model.js'
import type { Violation } from './world-model.js'
import type { WorldState } from './world-state.js'

/**
 * Law 1: every build succeeded at the head, and a reading after the last of them showed the change as planned.
 * @param sentAt when the post left its process (ms): a later reading cannot call it back
 */
export function successBroken(world: WorldState, post: StatusPost, sentAt: number): Violation[] {
  const broken: Violation[] = []
  if (readStatusMark(post.description)?.digest !== shortDigest(world.plannedDigest))
    broken.push(`success on ${post.repo} without the digest of the planned heads and bases`)
  return [...broken, ...buildsBroken(world, post), ...readingBroken(world, post, sentAt)]
}

function buildsBroken(world: WorldState, post: StatusPost): Violation[] {
  return [...world.plannedMembers, ...world.builtDefaults].flatMap((repo) => {
    const run = world.runs.findLast((candidate) => candidate.repo === repo)
    if (!run && world.earlier?.isFresh(repo)) {
      const built = world.runs.find((other) => world.earlier?.isNeededBy(other.repo, repo))
      return built ? [`success on ${post.repo}, but ${repo} rests on a build before that of ${built.repo}`] : []
    }
    const shown = run && world.present(run)
    const broken: Violation[] = []
    if (shown?.headSha === 'e'.repeat(40)) broken.push(`success on ${post.repo}, but ${repo} built another commit`)
    if (shown?.conclusion !== 'success') broken.push(`success on ${post.repo}, but ${repo} was not built`)
    return broken
  })
}

function readingBroken(world: WorldState, post: StatusPost, sentAt: number): Violation[] {
  const broken: Violation[] = []
  // The run of a lost dispatch does not count.
  const counted = world.runs.filter((run) => run === world.runs.findLast(({ repo }) => repo === run.repo))
  const lastEnd = Math.max(world.plannedAt, ...counted.map(({ endsAt }) => endsAt))
  const read = world.changeReads.findLast((at) => at >= lastEnd && at <= sentAt)
  if (read === undefined) broken.push(`success on ${post.repo} without reading the change again`)
  else if (world.lastDisturbance > world.plannedAt && world.lastDisturbance < read)
    broken.push(`success on ${post.repo}, although the change was disturbed before it was read again`)
  for (const { repo, blockedSince = Infinity, pullRequest } of world.repositories.values()) {
    if (pullRequest?.state !== 'open' || blockedSince >= (read ?? -Infinity)) continue
    broken.push(`success on ${post.repo}, although ${repo} could not be merged when the change was read again`)
  }
  const held = world.holdsWithout.filter((repo) => world.find(repo).pullRequest === null)
  if (held.length > 0) broken.push(`success on ${post.repo}, although ${held.join()} has no pull request`)
  broken.push(...claimsBroken(world, post, read ?? -Infinity))
  if (statusesSinceClaims(world).some((status) => isForeign(status) && status.createdAt < (read ?? Infinity)))
    broken.push(`success on ${post.repo}, although somebody else had spoken before the change was read again`)
  return broken
}

/** A head is unlocked only after it was locked and the change was read again, and not while its pull request is known to be closed. */
function claimsBroken(world: WorldState, { repo: unlocked }: StatusPost, read: number): Violation[] {
  const broken: Violation[] = []
  const { claimedAt = Infinity } = world.find(unlocked)
  if (claimedAt > read) broken.push(`success on ${unlocked} without reading the change after it was locked`)
  for (const { repo, closedSince = Infinity } of world.repositories.values()) {
    if (closedSince < read) broken.push(`success on ${unlocked}, although the pull request of ${repo} was closed`)
  }
  return broken
}

/**
 * The statuses of each head since our claim on it: the last one before anything was dispatched, because a claim that failed is repeated.
 * On a head that joined later, the first claim counts: a repeated one replaces no status of another writer.
 */
function statusesSinceClaims(world: WorldState): ListedStatus[] {
  const builtSince = world.runs[0]?.createdAt ?? Infinity
  const isClaim = (status: ListedStatus): boolean => !isForeign(status) && status.description.includes(' building ')
  return [...world.repositories.values()].flatMap(({ repo, statuses }) => {
    const claim = world.targets.includes(repo)
      ? statuses.findIndex((status) => isClaim(status) && status.createdAt <= builtSince)
      : statuses.findLastIndex(isClaim)
    return statuses.slice(0, Math.max(0, claim))
  })
}
