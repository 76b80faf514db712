import { moveRef } from '../core/branches.js'
import { branchSha } from '../core/revisions.js'
import { rulesForBranch } from '../core/rules.js'
import { isRefName } from '../git/git-store.js'
import type { Answer } from '../http/answer.js'
import { created, empty, failure, json, notFound } from '../http/answer.js'
import { readFields } from '../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission, requireActor } from '../http/call.js'
import { pagedList } from '../http/pagination.js'
import { presentBranch, presentRef, presentShortBranch } from '../present/git.js'

const read = permission('contents', 'read')
const write = permission('contents', 'write')

/** Branches and git refs. */
export const refRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/branches', permissions: [read], handle: listBranches },
  { method: 'GET', path: '/branches/{branch}', permissions: [read], handle: getBranch },
  { method: 'GET', path: '/git/ref/{ref}', permissions: [read], handle: getRef },
  { method: 'GET', path: '/git/matching-refs/{ref}', permissions: [read], handle: listMatchingRefs },
  { method: 'POST', path: '/git/refs', permissions: [write], handle: createRef },
  { method: 'PATCH', path: '/git/refs/{ref}', permissions: [write], handle: updateRef },
  { method: 'DELETE', path: '/git/refs/{ref}', permissions: [write], handle: deleteRef },
]

async function listBranches(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const refs = await world.git.listRefs(repository.id, 'refs/heads/')
  return pagedList(call, refs, ({ name, sha }) => {
    const branch = name.slice('refs/heads/'.length)
    const isProtected = rulesForBranch(repository, branch).length > 0
    return presentShortBranch(world, repository, { name: branch, sha, isProtected })
  })
}

async function getBranch(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const name = call.params.branch ?? ''
  const sha = await branchSha(world, repository, name)
  const commit = sha === null ? null : await world.git.readCommit(repository.id, sha)
  if (commit === null) return failure(404, 'Branch not found')
  const isProtected = rulesForBranch(repository, name).length > 0
  return json(presentBranch(world, repository, { name, commit, isProtected }))
}

async function getRef(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const name = `refs/${call.params.ref ?? ''}`
  const sha = isRefName(name) ? await world.git.resolveRef(repository.id, name) : null
  if (sha !== null) return json(presentRef(world, repository, { name, sha }))
  return (await isEmpty(call)) ? failure(409, 'Git Repository is empty.') : notFound()
}

async function listMatchingRefs(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const refs = await world.git.listRefs(repository.id, `refs/${call.params.ref ?? ''}`)
  if (refs.length === 0 && (await isEmpty(call))) return failure(409, 'Git Repository is empty.')
  return json(refs.map((ref) => presentRef(world, repository, ref)))
}

async function isEmpty({ world, repository }: RepositoryCall): Promise<boolean> {
  return (await world.git.listRefs(repository.id, 'refs/heads/')).length === 0
}

async function createRef(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const fields = readFields(call.body, { ref: 'string', sha: 'string' })
  if (!fields.ok) return fields.answer
  const { ref, sha } = fields.value
  if (!isRefName(ref) || ref.split('/').length < 3) return failure(422, 'Reference name is invalid')
  if (ref.startsWith('refs/pull/')) return failure(422, 'Reference update failed')
  const problem = await shaProblem(call, sha)
  if (problem !== null) return problem
  const isDone = await moveRef(world, repository, requireActor(call).account, { ref, sha, expected: null })
  if (!isDone) {
    const exists = (await world.git.resolveRef(repository.id, ref)) !== null
    return failure(422, exists ? 'Reference already exists' : 'Reference update failed')
  }
  return created(presentRef(world, repository, { name: ref, sha }))
}

async function updateRef(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const fields = readFields(call.body, { sha: 'string', force: 'boolean?' })
  if (!fields.ok) return fields.answer
  const { sha, force } = fields.value
  const ref = `refs/${call.params.ref ?? ''}`
  const before = await writableRef(call, ref)
  if (before === null) return failure(422, 'Reference does not exist')
  const problem = await shaProblem(call, sha)
  if (problem !== null) return problem
  if (force !== true && !(await world.git.isAncestor(repository.id, before, sha))) {
    return failure(422, 'Update is not a fast forward')
  }
  const moved = await moveRef(world, repository, requireActor(call).account, { ref, sha, expected: before })
  return moved ? json(presentRef(world, repository, { name: ref, sha })) : failure(422, 'Reference update failed')
}

async function deleteRef(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const ref = `refs/${call.params.ref ?? ''}`
  const before = await writableRef(call, ref)
  if (before === null) return failure(422, 'Reference does not exist')
  if (ref === `refs/heads/${repository.defaultBranch}`) return failure(422, 'Cannot delete the default branch')
  await moveRef(world, repository, requireActor(call).account, { ref, sha: null, expected: before })
  return empty(204)
}

async function writableRef(call: RepositoryCall, ref: string): Promise<string | null> {
  if (!isRefName(ref) || ref.startsWith('refs/pull/')) return null
  return call.world.git.resolveRef(call.repository.id, ref)
}

async function shaProblem(call: RepositoryCall, sha: string): Promise<Answer | null> {
  if (!/^[0-9a-f]{40}$/.test(sha))
    return failure(422, 'The sha parameter must be exactly 40 characters and contain only [0-9a-f].')
  const commit = await call.world.git.readCommit(call.repository.id, sha)
  return commit === null ? failure(422, 'Object does not exist') : null
}
