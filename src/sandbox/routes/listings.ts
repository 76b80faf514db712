import { rightsOfRole, roleOf } from '../access/roles.js'
import { canSee, inaccessible } from '../http/access.js'
import type { Answer } from '../http/answer.js'
import { failure, notFound } from '../http/answer.js'
import type { Actor, Call, GeneralRoute } from '../http/call.js'
import { pagedList } from '../http/pagination.js'
import { presentRepository } from '../present/repository.js'
import type { Repository } from '../state/model.js'

/** The repositories of an organization, of a user, and of the user of the token. */
export const listingRoutes: GeneralRoute[] = [
  { method: 'GET', path: '/orgs/{org}/repos', handle: listOfOrganization },
  { method: 'GET', path: '/users/{username}/repos', handle: listOfUser },
  { method: 'GET', path: '/user/repos', handle: listOwn },
]

function listOfOrganization(call: Call): Answer | Promise<Answer> {
  const owner = call.world.directory.account(call.params.org ?? '')
  if (owner?.type !== 'Organization') return notFound()
  const type = call.query.get('type') ?? 'all'
  const isChosen = (repository: Repository): boolean => repository.ownerId === owner.id && isOfType(repository, type)
  return answer(call, isChosen, 'created')
}

function listOfUser(call: Call): Answer | Promise<Answer> {
  const owner = call.world.directory.account(call.params.username ?? '')
  if (owner === undefined) return notFound()
  // Also to their owner, only /user/repos shows private ones.
  return answer(call, (repository) => repository.ownerId === owner.id && !repository.private, 'full_name')
}

function listOwn(call: Call): Answer | Promise<Answer> {
  const { actor, query } = call
  if (actor === null) return failure(401, 'Requires authentication')
  const { scope } = actor.token
  if (scope !== undefined && scope.kind !== 'user') return failure(403, inaccessible(actor))
  const affiliations = (query.get('affiliation') ?? 'owner,collaborator,organization_member').split(',')
  return answer(call, (repository) => isAffiliated(call, actor, repository, affiliations), 'full_name')
}

function isAffiliated({ world }: Call, { account }: Actor, repository: Repository, ways: readonly string[]): boolean {
  if (repository.ownerId === account.id) return ways.includes('owner')
  const hasRole = (repository.collaborators.get(account.id) ?? 'none') !== 'none'
  if (ways.includes('collaborator') && hasRole) return true
  const isOfOrganization = world.directory.accountById(repository.ownerId).type === 'Organization'
  return ways.includes('organization_member') && isOfOrganization && (account.baseRole ?? 'none') !== 'none'
}

function isOfType({ parentId, private: isPrivate }: Repository, type: string): boolean {
  switch (type) {
    case 'public':
      return !isPrivate
    case 'private':
      return isPrivate
    case 'forks':
      return parentId !== null
    case 'sources':
      return parentId === null
    default:
      return true
  }
}

function answer(
  call: Call,
  isChosen: (repository: Repository) => boolean,
  defaultSort: string,
): Answer | Promise<Answer> {
  const { world, actor, query } = call
  const chosen = [...world.directory.state.repositories.values()].filter(
    (repository) => isChosen(repository) && canSee(world, actor, repository),
  )
  const sorted = chosen.sort(compare(call, query.get('sort') ?? defaultSort))
  return pagedList(call, sorted, (repository) => ({
    ...presentRepository(world, repository),
    ...(actor !== null && { permissions: rightsOfRole(roleOf(repository, actor.account)) }),
  }))
}

/** Names are ascending unless the query says otherwise, and times are descending. */
function compare({ world, query }: Call, sort: string): (one: Repository, other: Repository) => number {
  const isByName = sort === 'full_name'
  const sign = (query.get('direction') ?? (isByName ? 'asc' : 'desc')) === 'asc' ? 1 : -1
  const time = ({ createdAt, updatedAt, pushedAt }: Repository): number =>
    sort === 'updated' ? updatedAt : sort === 'pushed' ? pushedAt : createdAt
  return (one, other) =>
    sign *
    (isByName
      ? world.directory.fullName(one).localeCompare(world.directory.fullName(other))
      : time(one) - time(other) || one.id - other.id)
}
