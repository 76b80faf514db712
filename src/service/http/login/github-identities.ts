import type { RequestingOptions } from '../../../github/api/requesting.js'
import { fixedToken } from '../../../github/api/token.js'
import { createGitHub } from '../../../github/github.js'
import type { Permission } from '../../../model/permission.js'
import type { RepoName } from '../../../model/repo-name.js'
import type { People } from '../../../ports/host/people.js'
import type { Identities, RepositoryPermission } from './identities.js'

export interface GitHubIdentitiesOptions extends Omit<RequestingOptions, 'token'> {
  /** Reads permissions with the service's own token. */
  host: People
  /** The repository that a failure of a login names. */
  repository: RepoName
}

/** People and their permissions as GitHub reports them. */
export function createGitHubIdentities({ host, repository, ...connection }: GitHubIdentitiesOptions): Identities {
  return {
    login: async (token) => {
      const read = await createGitHub({ ...connection, token: fixedToken(token) }).login(repository)
      if (read.ok) return read
      return read.failure.kind === 'unauthorized' ? { ok: true, value: null } : read
    },
    permission: async (login, repo) => {
      const read = await host.readPermission(repo, login)
      if (!read.ok && read.failure.kind === 'not-found') return { ok: true, value: 'none' }
      return read.ok ? { ok: true, value: levelOf(read.value) } : read
    },
  }
}

function levelOf(permission: Permission): RepositoryPermission {
  return permission
}
