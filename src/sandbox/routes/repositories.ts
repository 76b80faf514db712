import { rightsOfRole, roleOf } from '../access/roles.js'
import { isPermitted } from '../http/access.js'
import type { Answer } from '../http/answer.js'
import { failure, invalid, json, notFound } from '../http/answer.js'
import { readFields } from '../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission, requireActor } from '../http/call.js'
import { pagedList } from '../http/pagination.js'
import { forkRepository, isTopic } from '../core/repositories.js'
import { presentFullRepository, presentMinimalRepository } from '../present/repository.js'
import { nameProblem } from './general.js'

const metadata = permission('metadata', 'read')

/** Repositories and their forks. */
export const repositoryRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '', permissions: [metadata], handle: getRepository },
  { method: 'GET', path: '/topics', permissions: [metadata], handle: getTopics },
  { method: 'PUT', path: '/topics', permissions: [permission('administration', 'write')], handle: replaceTopics },
  { method: 'GET', path: '/forks', permissions: [metadata], handle: listForks },
  { method: 'POST', path: '/forks', permissions: [metadata], handle: createFork },
]

function getRepository(call: RepositoryCall): Answer {
  return json(presentFullRepository(call.world, call.repository, rights(call)))
}

/**
 * Returns the actor's rights in the format of GitHub's `permissions`; null without authentication. They are those of a user: for the token of an
 * installation they are all false, also where it has the permission.
 */
function rights({ world, actor, repository }: RepositoryCall): Record<string, boolean> | null {
  if (actor === null) return null
  const { scope, grants } = actor.token
  if (scope !== undefined && scope.kind !== 'user') return rightsOfRole('none')
  if (scope !== undefined || grants === null) return rightsOfRole(roleOf(repository, actor.account))
  const may = (name: 'contents' | 'administration'): boolean =>
    isPermitted(world, actor, repository, [permission(name, 'write')])
  return rightsOfRole(may('administration') ? 'admin' : may('contents') ? 'write' : 'read')
}

function getTopics({ repository }: RepositoryCall): Answer {
  return json({ names: repository.topics })
}

const MAX_TOPICS = 20

function replaceTopics({ world, repository, body }: RepositoryCall): Answer {
  const read = readFields(body, { names: 'array' })
  if (!read.ok) return read.answer
  const names = read.value.names.filter((name) => typeof name === 'string').map((name) => name.toLowerCase())
  if (names.length > MAX_TOPICS || names.length < read.value.names.length || !names.every(isTopic)) {
    const rule =
      'Topics must start with a lowercase letter or number, consist of 50 characters or less, and can include hyphens.'
    return failure(422, `Validation Failed. ${rule}`)
  }
  repository.topics = [...new Set(names)]
  world.changed(repository)
  return json({ names: repository.topics })
}

function listForks(call: RepositoryCall): Promise<Answer> {
  const forks = call.world.directory.forksOf(call.repository).toReversed()
  return pagedList(call, forks, (fork) => presentMinimalRepository(call.world, fork))
}

async function createFork(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call
  const read = readFields(call.body, { organization: 'string?', name: 'string?' })
  if (!read.ok) return read.answer
  const { organization, name = repository.name } = read.value
  const owner = organization === undefined ? requireActor(call).account : world.directory.account(organization)
  if (owner === undefined) return notFound()
  const existing = world.directory.forksOf(repository).find((fork) => fork.ownerId === owner.id)
  // For a fork that exists, GitHub returns the existing one.
  if (existing !== undefined) return json(presentFullRepository(world, existing, null), 202)
  if (owner.id === repository.ownerId) {
    return invalid([{ resource: 'Fork', code: 'custom', message: 'You cannot fork your own repository.' }])
  }
  const problem = nameProblem(call, owner, name)
  if (problem !== null) return problem
  return json(presentFullRepository(world, await forkRepository(world, repository, owner, name), null), 202)
}
