import { closePull, movePullHead } from '../core/branches.js'
import { changeBase, editPull, mergeability, mergePull, openPull } from '../core/pulls.js'
import { branchSha } from '../core/revisions.js'
import type { Answer } from '../http/answer.js'
import { created, failure, invalid, json, notFound } from '../http/answer.js'
import { readFields } from '../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission, requireActor } from '../http/call.js'
import { pagedList } from '../http/pagination.js'
import { presentFullPull, presentPull } from '../present/pull.js'
import type { PullRequest, Repository } from '../state/model.js'
import { emitPull } from '../webhooks/events/pull-request.js'

const read = permission('pull_requests', 'read')
const write = permission('pull_requests', 'write')
const readContents = permission('contents', 'read')
const writeContents = permission('contents', 'write')

/** Pull requests and their merge. */
export const pullRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/pulls', permissions: [read], handle: listPulls },
  { method: 'POST', path: '/pulls', permissions: [write], handle: createPull },
  { method: 'GET', path: '/pulls/{pull_number}', permissions: [read, readContents], handle: getPull },
  { method: 'PATCH', path: '/pulls/{pull_number}', permissions: [write], handle: updatePull },
  { method: 'PUT', path: '/pulls/{pull_number}/merge', permissions: [writeContents], handle: merge },
]

function findPull(call: RepositoryCall): PullRequest | undefined {
  return call.repository.pulls.get(Number(call.params.pull_number))
}

function listPulls(call: RepositoryCall): Promise<Answer> {
  const { query, repository, world } = call
  const state = query.get('state') ?? 'open'
  const base = query.get('base')
  // Without `owner:` GitHub ignores the filter silently.
  const head = query.get('head')?.includes(':') === true ? query.get('head') : null
  const pulls = [...repository.pulls.values()].filter((pull) => {
    if (state !== 'all' && pull.state !== state) return false
    if (base !== null && pull.baseRef !== base) return false
    return head === null || isHead(pull, head)
  })
  const sort = query.get('sort') ?? 'created'
  const time = (pull: PullRequest): number => (sort === 'updated' ? pull.updatedAt : pull.createdAt)
  pulls.sort((a, b) => time(a) - time(b) || a.number - b.number)
  const direction = query.get('direction') ?? (query.has('sort') && sort !== 'created' ? 'asc' : 'desc')
  if (direction !== 'asc') pulls.reverse()
  return pagedList(call, pulls, (pull) => presentPull(world, repository, pull))
}

/** Compares `OWNER:BRANCH`; the case of the owner is ignored. */
function isHead(pull: PullRequest, head: string): boolean {
  const colon = head.indexOf(':')
  return pull.headOwner.toLowerCase() === head.slice(0, colon).toLowerCase() && pull.headRef === head.slice(colon + 1)
}

async function createPull(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const fields = readFields(call.body, {
    title: 'string',
    head: 'string',
    base: 'string',
    body: 'string?',
    draft: 'boolean?',
    head_repo: 'string?',
  })
  if (!fields.ok) return fields.answer
  const { title, base, body, draft } = fields.value
  if (title.trim() === '') return invalid([{ resource: 'PullRequest', field: 'title', code: 'missing_field' }])
  const head = headOf(call, fields.value.head, fields.value.head_repo)
  if (head === null) return invalid([{ resource: 'PullRequest', field: 'head', code: 'invalid' }])
  const author = requireActor(call).account
  const made = { title, body: body ?? null, draft: draft ?? false, author, head, base }
  const opened = await openPull(world, repository, made)
  return opened.ok ? created(await fullPull(call, opened.value)) : opened.answer
}

/** Finds the repository and branch that `head` names: `branch`, or `owner:branch` of a fork. */
function headOf(
  call: RepositoryCall,
  head: string,
  headRepository: string | undefined,
): { repository: Repository; branch: string } | null {
  const { world, repository } = call
  const colon = head.indexOf(':')
  if (colon < 0) return { repository, branch: head }
  const branch = head.slice(colon + 1)
  const owner = world.directory.account(head.slice(0, colon))
  if (owner === undefined) return null
  const name = headRepository?.split('/').at(-1)
  const network = [repository, ...world.directory.forksOf(repository)]
  const found = network.find((candidate) => {
    return candidate.ownerId === owner.id && (name === undefined || candidate.name.toLowerCase() === name.toLowerCase())
  })
  return found === undefined ? null : { repository: found, branch }
}

async function getPull(call: RepositoryCall): Promise<Answer> {
  const pull = findPull(call)
  return pull === undefined ? notFound() : json(await fullPull(call, pull))
}

async function fullPull(call: RepositoryCall, pull: PullRequest): Promise<Record<string, unknown>> {
  const { world, repository } = call
  const fork = (await world.git.mergeBase(repository.id, pull.baseSha, pull.headSha)) ?? pull.baseSha
  return presentFullPull(world, repository, pull, {
    mergeability: await mergeability(world, repository, pull),
    size: await world.git.diffSize(repository.id, fork, pull.headSha),
    commits: await world.git.countAhead(repository.id, pull.baseSha, pull.headSha),
  })
}

async function updatePull(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const pull = findPull(call)
  if (pull === undefined) return notFound()
  const fields = readFields(call.body, { title: 'string?', body: 'string?', state: 'string?', base: 'string?' })
  if (!fields.ok) return fields.answer
  const { title, body, state, base } = fields.value
  if (state !== undefined && state !== 'open' && state !== 'closed') {
    return invalid([{ resource: 'PullRequest', field: 'state', code: 'invalid' }])
  }
  // As on GitHub, a pull request that is closed or reopened by the same request keeps its base.
  const actor = requireActor(call).account
  if (state === 'closed' && pull.state === 'open') closePull(world, repository, pull, actor)
  if (base !== undefined) {
    const changed = await changeBase(world, repository, pull, { base, actor })
    if (!changed.ok) return changed.answer
  }
  if (state === 'open' && pull.state === 'closed') {
    const problem = await reopen(call, pull)
    if (problem !== null) return problem
  }
  editPull(world, repository, pull, { title, body, actor })
  return json(await fullPull(call, pull))
}

async function reopen(call: RepositoryCall, pull: PullRequest): Promise<Answer | null> {
  const { world, repository } = call
  const refused = invalid([{ resource: 'PullRequest', field: 'state', code: 'invalid' }])
  const head =
    pull.headRepositoryId === null ? undefined : world.directory.state.repositories.get(pull.headRepositoryId)
  const sha = head === undefined ? null : await branchSha(world, head, pull.headRef)
  if (pull.mergedAt !== null || sha === null) return refused
  pull.state = 'open'
  pull.closedAt = null
  world.directory.indexPull(repository, pull)
  await movePullHead(world, repository, pull, sha)
  emitPull(world, repository, pull, { action: 'reopened', sender: requireActor(call).account })
  return null
}

async function merge(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const pull = findPull(call)
  if (pull === undefined) return notFound()
  const fields = readFields(call.body, {
    sha: 'string?',
    merge_method: 'string?',
    commit_title: 'string?',
    commit_message: 'string?',
  })
  if (!fields.ok) return fields.answer
  const { sha, merge_method: method = 'merge', commit_title: title, commit_message: message } = fields.value
  if (method !== 'merge' && method !== 'squash') {
    const isKnown = method === 'rebase'
    return isKnown
      ? failure(405, 'Rebase merges are not allowed on this repository.')
      : failure(422, `Invalid request.\n\n${JSON.stringify(method)} is not a possible value of merge_method.`)
  }
  const actor = requireActor(call).account
  const merged = await mergePull(world, repository, pull, { actor, sha, method, title, message })
  if (!merged.ok) return merged.answer
  return json({ sha: merged.value, merged: true, message: 'Pull Request successfully merged' })
}
