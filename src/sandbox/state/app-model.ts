/** The GitHub Apps of the embedded GitHub as plain values. Times are in ms, UTC. */

/** The level of each permission, in GitHub's names. */
export type AppPermissions = Record<string, 'read' | 'write' | 'admin'>

export interface App {
  id: number
  slug: string
  name: string
  description: string | null
  /** The homepage. */
  externalUrl: string
  ownerId: number
  /** The account `slug[bot]`, in whose name the App acts. */
  botId: number
  clientId: string
  /** SHA-256 in hex of the client secret; null until a secret is generated. */
  clientSecretHash: string | null
  /** The public halves of its keys in PEM, the oldest first; empty until a key is generated. As on GitHub, the private halves are not kept. */
  publicKeys: string[]
  permissions: AppPermissions
  events: string[]
  /** Allowed values of `redirect_uri` in an OAuth login. */
  callbackUrls: string[]
  /** Where a browser goes after an installation; null: to the page of the installation. */
  setupUrl: string | null
  isPublic: boolean
  createdAt: number
  updatedAt: number
}

export interface Installation {
  id: number
  appId: number
  /** The account whose repositories the App may use. */
  accountId: number
  /** Null: all repositories of the account. */
  repositoryIds: number[] | null
  permissions: AppPermissions
  events: string[]
  createdAt: number
  updatedAt: number
  suspendedAt: number | null
  suspendedById: number | null
}

/** A code that a page hands to a browser and that a program redeems once. */
export type Code = ManifestCode | LoginCode

/** Redeemed by POST /app-manifests/{code}/conversions. */
export interface ManifestCode {
  kind: 'manifest'
  appId: number
  expiresAt: number
}

/** Redeemed by POST /login/oauth/access_token. */
export interface LoginCode {
  kind: 'login'
  appId: number
  accountId: number
  /** The `redirect_uri` that the authorization named, or null. */
  redirectUri: string | null
  /** The S256 code challenge of PKCE, or null. */
  codeChallenge: string | null
  expiresAt: number
}

/** A refresh token (`ghr_`) of a user access token. */
export interface RefreshToken {
  appId: number
  accountId: number
  /** The access token that was issued with it. */
  accessToken: string
  expiresAt: number
}

/** What a token that an App obtained may act for. */
export type AppScope =
  | { kind: 'app'; appId: number }
  | { kind: 'installation'; installationId: number; repositoryIds: number[] | null; permissions: AppPermissions }
  | { kind: 'user'; appId: number }
