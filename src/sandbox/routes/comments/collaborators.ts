import { isAtLeast, rightsOfRole, roleOf } from '../../access/roles.js'
import type { Answer } from '../../http/answer.js'
import { failure, json, notFound } from '../../http/answer.js'
import type { Actor, RepositoryCall, RepositoryRoute } from '../../http/call.js'
import { permission } from '../../http/call.js'
import { presentAccount } from '../../present/account.js'
import type { Repository, Role } from '../../state/model.js'

/** The roles of users. */
export const collaboratorRoutes: RepositoryRoute[] = [
  {
    method: 'GET',
    path: '/collaborators/{username}/permission',
    permissions: [permission('metadata', 'read')],
    handle: getPermission,
  },
]

/** The base role that GitHub reports for the roles that it added later. */
const LEGACY: Record<Role, string> = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  triage: 'read',
  read: 'read',
  none: 'none',
}

function getPermission(call: RepositoryCall): Answer {
  const { world, repository, actor } = call
  if (actor === null) return failure(401, 'Requires authentication')
  if (!mayLook(actor, repository)) return failure(403, 'Must have push access to view collaborator permission.')
  const account = world.directory.account(call.params.username ?? '')
  if (account === undefined) return notFound()
  const role = roleOf(repository, account)
  const permissions = rightsOfRole(role)
  const user = { ...presentAccount(world, account), permissions, role_name: role }
  return json({ permission: LEGACY[role], user, role_name: role })
}

/** A user needs write access. For a token with permissions of its own, `metadata` suffices. */
function mayLook({ account, token }: Actor, repository: Repository): boolean {
  if (token.scope !== undefined || token.grants !== null) return true
  return isAtLeast(roleOf(repository, account), 'write')
}
