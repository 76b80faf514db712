import { covers, installationOfAccount, installationOfRepository } from '../apps/installations.js'
import type { Actor } from '../http/call.js'
import type { AppPermissions } from '../state/app-model.js'
import type { Account, PermissionLevel, PermissionName, Repository, RepositoryGrant } from '../state/model.js'
import type { World } from '../world.js'
import { grantOfRole, roleOf } from './roles.js'

/** Returns the permissions of an actor's token in a repository. */
export function grantOf(world: World, actor: Actor, repository: Repository): RepositoryGrant | 'all' {
  const { grants, scope } = actor.token
  switch (scope?.kind) {
    case undefined:
      if (grants === null) return grantOfRole(roleOf(repository, actor.account))
      return grants[world.directory.fullName(repository).toLowerCase()] ?? grants['*'] ?? 'none'
    case 'app':
      return 'none'
    case 'installation': {
      const installation = world.directory.state.installations.get(scope.installationId)
      if (installation === undefined || !covers(installation, repository)) return 'none'
      if (scope.repositoryIds?.includes(repository.id) === false) return 'none'
      return common(grantOfApp(scope.permissions), grantOfApp(installation.permissions))
    }
    case 'user': {
      const installation = installationOfRepository(world, scope.appId, repository)
      if (installation === undefined) return 'none'
      return common(grantOfApp(installation.permissions), grantOfRole(roleOf(repository, actor.account)))
    }
  }
}

/** Returns the permissions of an actor's token in an organization itself. Its administrators have all of them. */
export function grantInOrganization(
  world: World,
  { account, token }: Actor,
  organization: Account,
): RepositoryGrant | 'all' {
  const { grants, scope } = token
  switch (scope?.kind) {
    case undefined:
      if (grants === null) return account.baseRole === 'admin' ? 'all' : 'none'
      return grants['*'] ?? 'none'
    case 'app':
      return 'none'
    case 'installation': {
      const installation = world.directory.state.installations.get(scope.installationId)
      if (installation?.accountId !== organization.id) return 'none'
      return common(grantOfApp(scope.permissions), grantOfApp(installation.permissions))
    }
    case 'user': {
      const installation = installationOfAccount(world, scope.appId, organization.id)
      if (installation === undefined || account.baseRole !== 'admin') return 'none'
      return grantOfApp(installation.permissions)
    }
  }
}

function grantOfApp(permissions: AppPermissions): RepositoryGrant {
  const levels = Object.entries(permissions).map(([name, level]) => [name, level === 'read' ? 'read' : 'write'])
  // Names that no route of the sandbox requires do no harm.
  return Object.fromEntries(levels) as Partial<Record<PermissionName, PermissionLevel>>
}

/** Returns the permissions that both grants have. */
function common(one: RepositoryGrant | 'all', other: RepositoryGrant | 'all'): RepositoryGrant | 'all' {
  if (one === 'all' || other === 'none') return other
  if (other === 'all' || one === 'none') return one
  const names = Object.keys(one).filter((name) => name in other) as PermissionName[]
  const lower = (name: PermissionName): PermissionLevel =>
    one[name] === 'write' && other[name] === 'write' ? 'write' : 'read'
  return Object.fromEntries(names.map((name) => [name, lower(name)]))
}
