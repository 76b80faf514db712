import type { LoginError } from '../apps/login.js'
import { exchange, findClient } from '../apps/login.js'
import type { UserTokens } from '../apps/tokens.js'
import { isObject } from '../http/body.js'
import type { PageRequest } from './page-request.js'

const ERRORS =
  'https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/#'

/** Answers POST /login/oauth/access_token, which gives a program the token of a login. An error has the status 200, as on GitHub. */
export function accessTokenEndpoint(asked: PageRequest): Response | null {
  if (asked.path !== '/login/oauth/access_token' || asked.request.method !== 'POST') return null
  const parameters = parametersOf(asked)
  const app = findClient(asked.world, parameters.get('client_id') ?? '')
  if (app === undefined) return encode(asked, { error: 'Not Found' }, 404)
  const result = exchange(asked.world, app, parameters)
  return encode(asked, 'error' in result ? errorFields(result) : tokenFields(result))
}

function errorFields({ error, description }: LoginError): Record<string, string> {
  return { error, error_description: description, error_uri: `${ERRORS}${error.replaceAll('_', '-')}` }
}

function tokenFields(tokens: UserTokens): Record<string, string | number> {
  return {
    access_token: tokens.accessToken,
    expires_in: tokens.expiresInS,
    refresh_token: tokens.refreshToken,
    refresh_token_expires_in: tokens.refreshTokenExpiresInS,
    token_type: 'bearer',
    scope: '',
  }
}

/** Returns the parameters of the query and of the body, which is JSON or a form. */
function parametersOf({ request, text }: PageRequest): Map<string, string> {
  const query = new URL(request.url).searchParams
  const isJson = request.headers.get('content-type')?.includes('json') === true
  return new Map([...query, ...(isJson ? jsonFields(text) : new URLSearchParams(text))])
}

function jsonFields(text: string): [string, string][] {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    if (error instanceof SyntaxError) return []
    throw error
  }
  const fields = isObject(body) ? Object.entries(body) : []
  return fields.flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as [string, string]] : []))
}

function encode({ request }: PageRequest, fields: Record<string, string | number>, status = 200): Response {
  const isJson = request.headers.get('accept')?.includes('json') === true
  const texts = Object.entries(fields).map(([name, value]): [string, string] => [name, String(value)])
  return new Response(isJson ? JSON.stringify(fields) : new URLSearchParams(texts).toString(), {
    status,
    headers: {
      'content-type': `application/${isJson ? 'json' : 'x-www-form-urlencoded'}; charset=utf-8`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    },
  })
}
