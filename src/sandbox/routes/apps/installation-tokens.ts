import { repositoriesOf } from '../../apps/installations.js'
import type { InstallationToken, Restrictions } from '../../apps/tokens.js'
import { createInstallationToken } from '../../apps/tokens.js'
import type { Answer, Result } from '../../http/answer.js'
import { empty, failure, found, invalidRequest, json, refuse } from '../../http/answer.js'
import type { Body } from '../../http/body.js'
import { readFields } from '../../http/body.js'
import type { Call, GeneralRoute } from '../../http/call.js'
import { paged, pageOf, readPage } from '../../http/pagination.js'
import { timestamp } from '../../present/common.js'
import { presentRepository } from '../../present/repository.js'
import type { AppPermissions, AppScope, Installation } from '../../state/app-model.js'
import type { World } from '../../world.js'
import { requireInstallation } from './app-call.js'

/** Tokens of installations, and what they give access to. */
export const installationTokenRoutes: GeneralRoute[] = [
  { method: 'POST', path: '/app/installations/{installation_id}/access_tokens', handle: createToken },
  { method: 'GET', path: '/installation/repositories', handle: listRepositories },
  { method: 'DELETE', path: '/installation/token', handle: revokeToken },
]

function createToken(call: Call): Answer {
  const { world } = call
  const read = requireInstallation(call)
  if (!read.ok) return read.answer
  const { app, installation } = read.value
  if (installation.suspendedAt !== null) return failure(403, 'This installation has been suspended')
  const restrictions = readRestrictions(call.body)
  if (!restrictions.ok) return restrictions.answer
  const made = createInstallationToken(world, app, installation, restrictions.value)
  return made.ok ? json(presentToken(world, installation, made.value), 201) : made.answer
}

function readRestrictions(body: Body): Result<Restrictions> {
  const fields = readFields(body, { repositories: 'array?', repository_ids: 'array?', permissions: 'object?' })
  if (!fields.ok) return fields
  const { repositories, repository_ids: repositoryIds, permissions } = fields.value
  const names = repositories?.filter((name) => typeof name === 'string')
  if (names?.length !== repositories?.length) return wrongItems('repositories', 'strings')
  const ids = repositoryIds?.filter((id) => typeof id === 'number')
  if (ids?.length !== repositoryIds?.length) return wrongItems('repository_ids', 'integers')
  const levels = Object.values(permissions ?? {})
  if (levels.some((level) => level !== 'read' && level !== 'write' && level !== 'admin')) {
    return wrongItems('permissions', 'levels: read, write or admin')
  }
  return found({
    repositories: names,
    repositoryIds: ids,
    // Every level was checked above, so the cast is safe.
    permissions: permissions as AppPermissions | undefined,
  })
}

function wrongItems(name: string, what: string): Result<never> {
  return refuse(invalidRequest(`For 'properties/${name}', the items are not ${what}.`))
}

/** `installation-token` of GitHub's OpenAPI description. */
function presentToken(world: World, installation: Installation, made: InstallationToken): Record<string, unknown> {
  const { token, expiresAt, permissions, selected } = made
  return {
    token: token.value,
    expires_at: timestamp(expiresAt),
    permissions,
    repository_selection: installation.repositoryIds === null && selected === null ? 'all' : 'selected',
    ...(selected !== null && { repositories: selected.map((each) => presentRepository(world, each)) }),
  }
}

/** Returns the scope of the installation token of a call, or GitHub's refusal of any other credential. */
function requireInstallationToken(
  { actor }: Call,
  purpose: string,
): Result<Extract<AppScope, { kind: 'installation' }>> {
  if (actor === null) return refuse(failure(401, 'Requires authentication'))
  const { scope } = actor.token
  if (scope?.kind === 'installation') return found(scope)
  return refuse(failure(403, `You must authenticate with an installation access token in order to ${purpose}.`))
}

function listRepositories(call: Call): Answer {
  const { world } = call
  const read = requireInstallationToken(call, 'list repositories for an installation')
  if (!read.ok) return read.answer
  const { installationId, repositoryIds } = read.value
  const installation = world.directory.state.installations.get(installationId)
  if (installation === undefined) throw new Error(`a token of the removed installation ${installationId} was accepted`)
  const all = repositoriesOf(world, installation).filter(({ id }) => repositoryIds?.includes(id) !== false)
  const page = pageOf(all, readPage(call.query)).map((each) => presentRepository(world, each))
  const selection = installation.repositoryIds === null && repositoryIds === null ? 'all' : 'selected'
  return paged(call, all.length, { total_count: all.length, repository_selection: selection, repositories: page })
}

function revokeToken(call: Call): Answer {
  const read = requireInstallationToken(call, 'revoke it')
  if (!read.ok) return read.answer
  if (call.actor !== null) call.world.directory.state.tokens.delete(call.actor.token.value)
  call.world.changed()
  return empty(204)
}
