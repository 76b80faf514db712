import { randomBytes } from 'node:crypto'

import type { Result } from '../http/answer.js'
import { failure, found, refuse } from '../http/answer.js'
import type { App, AppPermissions, AppScope, Installation } from '../state/app-model.js'
import type { AccessToken, Account, Repository } from '../state/model.js'
import type { World } from '../world.js'
import { repositoriesOf } from './installations.js'

const INSTALLATION_TOKEN_LIFETIME_MS = 3_600_000
const USER_TOKEN_LIFETIME_MS = 8 * 3_600_000
/** About six months, in GitHub's own number of seconds. */
const REFRESH_TOKEN_LIFETIME_MS = 15_897_600_000

/** What a request for an installation token restricts it to; absent: nothing. */
export interface Restrictions {
  /** Names without the owner. */
  repositories?: string[] | undefined
  repositoryIds?: number[] | undefined
  permissions?: AppPermissions | undefined
}

/** A new installation token with the repositories that the request selected (null: it selected none). */
export interface InstallationToken {
  token: AccessToken
  expiresAt: number
  permissions: AppPermissions
  selected: Repository[] | null
}

/** Creates a token of an installation, or refuses what the installation does not have. */
export function createInstallationToken(
  world: World,
  app: App,
  installation: Installation,
  restrictions: Restrictions,
): Result<InstallationToken> {
  const { permissions = installation.permissions, repositories, repositoryIds } = restrictions
  if (Object.entries(permissions).some(([name, level]) => !includes(installation.permissions[name], level))) {
    return refuse(failure(422, 'The permissions requested are not granted to this installation.'))
  }
  const selected = selectRepositories(repositoriesOf(world, installation), repositories, repositoryIds)
  if (selected === 'missing') {
    const message =
      'There is at least one repository that does not exist or is not accessible to the parent installation.'
    return refuse(failure(422, message))
  }
  const expiresAt = world.clock.now() + INSTALLATION_TOKEN_LIFETIME_MS
  const scope: AppScope = {
    kind: 'installation',
    installationId: installation.id,
    repositoryIds: selected?.map(({ id }) => id) ?? null,
    permissions: { ...permissions },
  }
  const token = { value: installationTokenValue(app), accountId: app.botId, grants: {}, expiresAt, scope }
  addToken(world, token)
  return found({ token, expiresAt, permissions, selected })
}

function includes(held: string | undefined, level: string): boolean {
  const levels = ['read', 'write', 'admin']
  return held !== undefined && levels.indexOf(held) >= levels.indexOf(level)
}

function selectRepositories(
  all: Repository[],
  names: string[] | undefined,
  ids: number[] | undefined,
): Repository[] | null | 'missing' {
  if (names === undefined && ids === undefined) return null
  const found = [
    ...(names ?? []).map((name) => all.find((each) => each.name.toLowerCase() === name.toLowerCase())),
    ...(ids ?? []).map((id) => all.find((each) => each.id === id)),
  ]
  return found.includes(undefined) ? 'missing' : [...new Set(found.filter((each) => each !== undefined))]
}

/** GitHub's tokens have the form `ghs_APPID_JWT` since 2026. These too, to expose clients that expect 40 characters. */
function installationTokenValue(app: App): string {
  const part = (text: string): string => Buffer.from(text).toString('base64url')
  const header = part(JSON.stringify({ alg: 'none', typ: 'JWT' }))
  return `ghs_${app.id}_${header}.${part(randomBytes(24).toString('hex'))}.${randomBytes(32).toString('base64url')}`
}

/** A token with which an App acts for a user, and the token that renews it. */
export interface UserTokens {
  accessToken: string
  refreshToken: string
  expiresInS: number
  refreshTokenExpiresInS: number
}

export function createUserTokens(world: World, appId: number, account: Pick<Account, 'id'>): UserTokens {
  const now = world.clock.now()
  const accessToken = `ghu_${randomBytes(18).toString('hex')}`
  const refreshToken = `ghr_${randomBytes(38).toString('hex')}`
  world.directory.state.refreshTokens.set(refreshToken, {
    appId,
    accountId: account.id,
    accessToken,
    expiresAt: now + REFRESH_TOKEN_LIFETIME_MS,
  })
  addToken(world, {
    value: accessToken,
    accountId: account.id,
    grants: {},
    expiresAt: now + USER_TOKEN_LIFETIME_MS,
    scope: { kind: 'user', appId },
  })
  return {
    accessToken,
    refreshToken,
    expiresInS: USER_TOKEN_LIFETIME_MS / 1000,
    refreshTokenExpiresInS: REFRESH_TOKEN_LIFETIME_MS / 1000,
  }
}

/** Adds a token and removes those that expired, so that a long-lived sandbox does not collect them. */
export function addToken(world: World, token: AccessToken): void {
  const { tokens } = world.directory.state
  for (const [value, known] of tokens) if (isExpired(world, known)) tokens.delete(value)
  tokens.set(token.value, token)
  world.changed()
}

export function isExpired(world: World, { expiresAt }: { expiresAt?: number }): boolean {
  return expiresAt !== undefined && expiresAt <= world.clock.now()
}
