import type { Account, PermissionLevel, PermissionName, Repository, RepositoryGrant, Role } from '../state/model.js'

/** Every permission that a route can require. */
const NAMES: readonly PermissionName[] = [
  'metadata',
  'contents',
  'actions',
  'checks',
  'pull_requests',
  'statuses',
  'administration',
  'workflows',
  'deployments',
  'environments',
  'issues',
]

/** Returns the role of an account in a repository, as GET /repos/{owner}/{repo}/collaborators/{username}/permission reports it. */
export function roleOf(repository: Repository, account: Account): Role {
  if (account.id === repository.ownerId) return 'admin'
  const given = repository.collaborators.get(account.id) ?? account.baseRole ?? 'none'
  if (given !== 'none') return given
  return account.type === 'User' && !repository.private ? 'read' : 'none'
}

/** Returns the permissions of a role. Everybody who may read a repository may comment on its issues and pull requests. */
export function grantOfRole(role: Role): RepositoryGrant | 'all' {
  switch (role) {
    case 'admin':
      return 'all'
    case 'maintain':
    case 'write':
      return { ...every('write'), administration: 'read' }
    case 'triage':
      return { ...every('read'), issues: 'write', pull_requests: 'write' }
    case 'read':
      return { ...every('read'), issues: 'write' }
    case 'none':
      return 'none'
  }
}

function every(level: PermissionLevel): Partial<Record<PermissionName, PermissionLevel>> {
  return Object.fromEntries(NAMES.map((name) => [name, level]))
}

/** From the weakest to the strongest. */
const ROLES: readonly Role[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin']

/** Whether a role includes another. */
export function isAtLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed)
}

/** Returns the rights of a role in the format of GitHub's `permissions`. */
export function rightsOfRole(role: Role): Record<string, boolean> {
  return {
    admin: isAtLeast(role, 'admin'),
    maintain: isAtLeast(role, 'maintain'),
    push: isAtLeast(role, 'write'),
    triage: isAtLeast(role, 'triage'),
    pull: isAtLeast(role, 'read'),
  }
}
