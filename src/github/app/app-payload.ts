import { count, field, knownTime, optional, text, textOrNull, UnexpectedShape } from '../api/fields.js'
import type { Token } from '../api/token.js'

/** Permissions by their names in GitHub's API: `{ actions: 'write' }`. */
export type GrantedPermissions = Readonly<Record<string, string>>

/** GET /app */
export interface App {
  /** The name in addresses; its login is this with `[bot]`. */
  slug: string
  /** Page for people. */
  url: string
}

/** An element of GET /app/installations. */
export interface Installation {
  id: number
  /** Login of the user or organization. */
  account: string
  permissions: GrantedPermissions
  /** `selected`: only some repositories of the account. */
  repositories: 'all' | 'selected'
  isSuspended: boolean
  /** The page where an owner changes it. */
  url: string
}

export function toApp(payload: unknown): App {
  return { slug: text(payload, 'slug'), url: text(payload, 'html_url') }
}

export function toInstallation(payload: unknown): Installation {
  const account = field(payload, 'account')
  return {
    id: count(payload, 'id'),
    // An enterprise has a slug, and no repositories of its own.
    account: optional(account, 'login') === undefined ? text(account, 'slug') : text(account, 'login'),
    permissions: toPermissions(field(payload, 'permissions')),
    repositories: text(payload, 'repository_selection') === 'all' ? 'all' : 'selected',
    isSuspended: textOrNull(payload, 'suspended_at') !== null,
    url: text(payload, 'html_url'),
  }
}

/** The 201 of POST /app/installations/{installation_id}/access_tokens. */
export function toInstallationToken(payload: unknown, installationId: number): Token {
  return {
    value: text(payload, 'token'),
    identity: `installation:${installationId}`,
    expiresAt: knownTime(payload, 'expires_at'),
  }
}

function toPermissions(payload: unknown): GrantedPermissions {
  if (typeof payload !== 'object' || payload === null) throw new UnexpectedShape('permissions is not an object')
  return Object.fromEntries(
    Object.entries(payload).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
