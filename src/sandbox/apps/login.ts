import { createHash, timingSafeEqual } from 'node:crypto'

import type { App } from '../state/app-model.js'
import type { World } from '../world.js'
import { redeemCode } from './codes.js'
import { hashOf } from './create-app.js'
import type { UserTokens } from './tokens.js'
import { createUserTokens, isExpired } from './tokens.js'

/** An error of OAuth, in GitHub's words. */
export interface LoginError {
  error: string
  description: string
}

const BAD_CODE: LoginError = {
  error: 'bad_verification_code',
  description: 'The code passed is incorrect or expired.',
}
const BAD_REFRESH_TOKEN: LoginError = {
  error: 'bad_refresh_token',
  description: 'The refresh token passed is incorrect or expired.',
}
export const WRONG_REDIRECT: LoginError = {
  error: 'redirect_uri_mismatch',
  description: 'The redirect_uri MUST match the registered callback URL for this application.',
}
const WRONG_CLIENT: LoginError = {
  error: 'incorrect_client_credentials',
  description: 'The client_id and/or client_secret passed are incorrect.',
}
const WRONG_GRANT: LoginError = {
  error: 'unsupported_grant_type',
  description: 'The grant_type parameter is missing, invalid, or not supported.',
}

export function findClient(world: World, clientId: string): App | undefined {
  return [...world.directory.state.apps.values()].find((app) => app.clientId === clientId)
}

/** Returns the address that the browser returns to: the one asked for if it is registered, or else the first registered one. */
export function callbackOf(app: App, asked: string | null): string | null {
  if (asked === null) return app.callbackUrls[0] ?? null
  return app.callbackUrls.includes(asked) ? asked : null
}

/** Exchanges a code or a refresh token for a user access token. */
export function exchange(world: World, app: App, parameters: ReadonlyMap<string, string>): UserTokens | LoginError {
  const given = (name: string): string => parameters.get(name) ?? ''
  if (!isSecret(app, given('client_secret'))) return WRONG_CLIENT
  const grant = parameters.get('grant_type') ?? 'authorization_code'
  if (grant === 'refresh_token') return refresh(world, app, given('refresh_token'))
  if (grant !== 'authorization_code') return WRONG_GRANT
  const code = redeemCode(world, 'login', given('code'))
  if (code === null || code.appId !== app.id) return BAD_CODE
  const redirect = parameters.get('redirect_uri')
  if (redirect !== undefined && redirect !== (code.redirectUri ?? app.callbackUrls[0])) return WRONG_REDIRECT
  const challenge = createHash('sha256').update(given('code_verifier')).digest('base64url')
  if (code.codeChallenge !== null && code.codeChallenge !== challenge) return BAD_CODE
  return createUserTokens(world, app.id, { id: code.accountId })
}

function isSecret(app: App, secret: string): boolean {
  if (app.clientSecretHash === null) return false
  return timingSafeEqual(Buffer.from(hashOf(secret)), Buffer.from(app.clientSecretHash))
}

/** The refresh token and the access token that came with it stop working. */
function refresh(world: World, app: App, value: string): UserTokens | LoginError {
  const { refreshTokens, tokens } = world.directory.state
  const known = refreshTokens.get(value)
  if (known?.appId !== app.id || isExpired(world, known)) return BAD_REFRESH_TOKEN
  refreshTokens.delete(value)
  tokens.delete(known.accessToken)
  return createUserTokens(world, app.id, { id: known.accountId })
}
