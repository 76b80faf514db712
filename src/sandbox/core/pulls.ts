import type { Account, Activity, PullRequest, Repository } from '../state/model.js'
import type { Mergeability, TestMerge, World } from '../world.js'
import type { Result } from '../http/answer.js'
import { failure, found, invalid, refuse } from '../http/answer.js'
import { branchSha } from './revisions.js'
import { markMerged, movePullHead, refChanged } from './branches.js'
import { ruleViolations } from './rules.js'
import { emitPull } from '../webhooks/events/pull-request.js'
import { personOf } from '../present/account.js'

export interface NewPull {
  title: string
  body: string | null
  draft: boolean
  author: Account
  head: { repository: Repository; branch: string }
  base: string
}

/** Opens a pull request, or answers 422 in GitHub's words if its head or base cannot be compared. */
export async function openPull(world: World, base: Repository, made: NewPull): Promise<Result<PullRequest>> {
  const { repository: head, branch } = made.head
  const headSha = await branchSha(world, head, branch)
  if (headSha === null) return refuse(invalidPull('head'))
  const baseSha = await branchSha(world, base, made.base)
  if (baseSha === null) return refuse(invalidPull('base'))
  const headOwner = world.directory.accountById(head.ownerId).login
  const duplicate = world.directory.openPullsWithHead(head, branch).find(({ base: other, pull }) => {
    return other === base && pull.baseRef === made.base
  })
  if (duplicate !== undefined) {
    return refuse(invalidPull(null, `A pull request already exists for ${headOwner}:${branch}.`))
  }
  await world.git.copyCommit(head.id, base.id, headSha)
  if (await world.git.isAncestor(base.id, headSha, baseSha)) {
    return refuse(invalidPull(null, `No commits between ${made.base} and ${branch}`))
  }
  const now = world.clock.now()
  const pull: PullRequest = {
    id: world.directory.newId(),
    number: base.nextNumber++,
    title: made.title,
    body: made.body,
    state: 'open',
    draft: made.draft,
    authorId: made.author.id,
    headRepositoryId: head.id,
    headOwner,
    headRef: branch,
    headSha,
    baseRef: made.base,
    baseSha,
    createdAt: now,
    updatedAt: now,
    closedAt: null,
    mergedAt: null,
    mergedById: null,
    mergeCommitSha: null,
  }
  base.pulls.set(pull.number, pull)
  world.directory.indexPull(base, pull)
  await movePullHead(world, base, pull, headSha)
  emitPull(world, base, pull, { action: 'opened', sender: made.author })
  return found(pull)
}

/** Changes the branch that an open pull request merges into, or refuses with 422 in GitHub's words. */
export async function changeBase(
  world: World,
  repository: Repository,
  pull: PullRequest,
  { base, actor }: { base: string; actor: Account },
): Promise<Result<PullRequest>> {
  const refuseBase = (message: string): ReturnType<typeof refuse> =>
    refuse(invalid([{ resource: 'PullRequest', field: 'base', code: 'invalid', message }]))
  if (pull.state === 'closed') return refuseBase('Cannot change the base branch of a closed pull request.')
  const baseSha = await branchSha(world, repository, base)
  if (baseSha === null) return refuseBase(`Proposed base branch '${base}' is invalid`)
  const branches = `base branch '${base}' and head branch '${pull.headRef}'`
  const others = [...repository.pulls.values()].filter(({ state, baseRef }) => state === 'open' && baseRef === base)
  // GitHub answers the same if the pull request has this base already.
  if (others.some((other) => other.headRepositoryId === pull.headRepositoryId && other.headRef === pull.headRef))
    return refuseBase(`A pull request already exists for ${branches}`)
  if (await world.git.isAncestor(repository.id, pull.headSha, baseSha))
    return refuseBase(`There are no new commits between ${branches}`)
  const changes = { base: { ref: { from: pull.baseRef }, sha: { from: pull.baseSha } } }
  world.directory.unindexBase(repository, pull)
  pull.baseRef = base
  world.directory.indexPull(repository, pull)
  await movePullHead(world, repository, pull, pull.headSha)
  emitPull(world, repository, pull, { action: 'edited', sender: actor, fields: { changes } })
  return found(pull)
}

/** Changes the title and the body of a pull request. What is undefined stays. */
export function editPull(
  world: World,
  base: Repository,
  pull: PullRequest,
  { title, body, actor }: { title: string | undefined; body: string | undefined; actor: Account },
): void {
  const changes = {
    ...(title !== undefined && title !== pull.title && { title: { from: pull.title } }),
    ...(body !== undefined && body !== pull.body && { body: { from: pull.body ?? '' } }),
  }
  pull.title = title ?? pull.title
  pull.body = body ?? pull.body
  pull.updatedAt = world.clock.now()
  world.changed(base)
  if (Object.keys(changes).length === 0) return
  emitPull(world, base, pull, { action: 'edited', sender: actor, fields: { changes } })
}

/** Makes an open pull request a draft, or marks it ready for review. */
export function setDraft(
  world: World,
  base: Repository,
  pull: PullRequest,
  { isDraft, actor }: { isDraft: boolean; actor: Account },
): void {
  if (pull.draft === isDraft) return
  pull.draft = isDraft
  pull.updatedAt = world.clock.now()
  world.changed(base)
  emitPull(world, base, pull, { action: isDraft ? 'converted_to_draft' : 'ready_for_review', sender: actor })
}

/** Whether the head is in another repository. This includes a head repository that was deleted. */
export function isOfFork(base: Repository, pull: PullRequest): boolean {
  return pull.headRepositoryId !== base.id
}

/** Returns the pull requests of any state whose head is this branch, in the repository itself and in the one that it was forked from. */
export function pullsOfRef(world: World, head: Repository, branch: string): { base: Repository; pull: PullRequest }[] {
  const parent = head.parentId === null ? undefined : world.directory.state.repositories.get(head.parentId)
  return [head, ...(parent === undefined ? [] : [parent])].flatMap((base) =>
    Array.from(base.pulls.values())
      .filter((pull) => pull.headRepositoryId === head.id && pull.headRef === branch)
      .map((pull) => ({ base, pull })),
  )
}

/** Returns the forced pushes of the head between the opening and the closing of the pull request, oldest first. */
export function forcedPushes(world: World, pull: PullRequest): Activity[] {
  const head =
    pull.headRepositoryId === null ? undefined : world.directory.state.repositories.get(pull.headRepositoryId)
  return (head?.activities ?? []).filter(({ id, type, ref, createdAt }) => {
    // IDs increase over time, so they order two events even when a test clock gives both the same time.
    if (id < pull.id || createdAt > (pull.closedAt ?? Infinity)) return false
    return type === 'force_push' && ref === `refs/heads/${pull.headRef}`
  })
}

function invalidPull(field: string | null, message?: string): ReturnType<typeof invalid> {
  if (field !== null) return invalid([{ resource: 'PullRequest', field, code: 'invalid' }])
  return invalid([{ resource: 'PullRequest', code: 'custom', message: message ?? '' }])
}

/** Returns whether a pull request can be merged in the present state. */
export async function mergeability(world: World, base: Repository, pull: PullRequest): Promise<Mergeability> {
  const baseSha = await branchSha(world, base, pull.baseRef)
  if (pull.state === 'closed' || baseSha === null) return { mergeable: null, state: 'unknown' }
  const { isPossible, knownAt } = await testMerge(world, base, pull, baseSha)
  if (world.clock.now() < knownAt) return { mergeable: null, state: 'unknown' }
  if (!isPossible) return { mergeable: false, state: 'dirty' }
  if (pull.draft) return { mergeable: true, state: 'draft' }
  const violations = await ruleViolations(world, base, { headSha: pull.headSha, baseRef: pull.baseRef, baseSha })
  return { mergeable: true, state: violations.length > 0 ? 'blocked' : 'clean' }
}

/** Whether two commits can be merged never changes, so the result is cached. As on GitHub, the first question starts the computation. */
async function testMerge(world: World, base: Repository, pull: PullRequest, baseSha: string): Promise<TestMerge> {
  const key = `${base.id}:${baseSha}:${pull.headSha}`
  const known = world.testMerges.get(key)
  if (known !== undefined) return known
  const isPossible = (await mergeCommit(world, base, pull, { baseSha, message: 'test merge' })) !== null
  const result = { isPossible, knownAt: world.clock.now() + world.mergeabilityDelayMs }
  world.testMerges.set(key, result)
  return result
}

export function mergeCommit(
  world: World,
  base: Repository,
  pull: PullRequest,
  how: { baseSha: string; message: string; squash?: boolean; author?: Account },
): Promise<string | null> {
  const author = how.author ?? world.directory.accountById(pull.authorId)
  const parents = how.squash === true ? [how.baseSha] : [how.baseSha, pull.headSha]
  return world.git.merge(base.id, how.baseSha, pull.headSha, parents, {
    message: how.message,
    author: personOf(author),
    time: world.clock.now(),
  })
}

export interface MergeRequest {
  actor: Account
  /** The head SHA that the caller expects. */
  sha?: string | undefined
  method: 'merge' | 'squash'
  title?: string | undefined
  message?: string | undefined
}

/** Merges a pull request, or rejects it as PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge does. Returns the SHA of the merge commit. */
export async function mergePull(
  world: World,
  base: Repository,
  pull: PullRequest,
  request: MergeRequest,
): Promise<Result<string>> {
  if (pull.state === 'closed') return refuse(failure(405, 'Pull Request is not mergeable'))
  if (pull.draft) return refuse(failure(405, 'Pull Request is still a draft'))
  if (request.sha !== undefined && request.sha !== pull.headSha) {
    return refuse(failure(409, 'Head branch was modified. Review and try the merge again.'))
  }
  const { headSha } = pull
  const baseSha = await branchSha(world, base, pull.baseRef)
  if (baseSha === null) return refuse(failure(405, 'Pull Request is not mergeable'))
  const violations = await ruleViolations(world, base, { headSha, baseRef: pull.baseRef, baseSha })
  if (violations.length > 0) {
    return refuse(failure(405, `Repository rule violations found\n\n${violations.join('\n\n')}\n\n`))
  }
  const squash = request.method === 'squash'
  const how = { baseSha, message: mergeMessage(pull, request), squash, author: request.actor }
  const sha = await mergeCommit(world, base, pull, how)
  if (sha === null) return refuse(failure(405, 'Pull Request is not mergeable'))
  if (pull.headSha !== headSha) {
    return refuse(failure(409, 'Head branch was modified. Review and try the merge again.'))
  }
  const ref = `refs/heads/${pull.baseRef}`
  if (!(await world.git.updateRef(base.id, ref, sha, baseSha))) {
    return refuse(failure(405, 'Base branch was modified. Review and try the merge again.'))
  }
  markMerged(world, base, pull, { actor: request.actor, sha })
  await refChanged(world, base, request.actor, { ref, before: baseSha, after: sha, merge: 'pr_merge' })
  return found(sha)
}

export function mergeMessage(pull: PullRequest, request: Omit<MergeRequest, 'actor'>): string {
  const merged = request.method === 'merge'
  const title = merged
    ? `Merge pull request #${pull.number} from ${pull.headOwner}/${pull.headRef}`
    : `${pull.title} (#${pull.number})`
  const message = request.message ?? (merged ? pull.title : '')
  return `${request.title ?? title}${message === '' ? '' : `\n\n${message}`}`
}
