import { verify } from 'node:crypto'

import type { Result } from '../http/answer.js'
import { failure, found, refuse } from '../http/answer.js'
import { isObject } from '../http/body.js'
import type { App } from '../state/app-model.js'
import type { World } from '../world.js'

/** The longest time from now to the expiry that GitHub accepts, in seconds. */
const LONGEST_LIFETIME_S = 600

/** Whether a credential has the form of a JSON Web Token. */
export function isJsonWebToken(credential: string): boolean {
  return /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(credential)
}

/**
 * Returns the App that signed a JSON Web Token, or refuses it in GitHub's words. The time of issue must not be in the future, not even by a second,
 * so that a client has to set it back to allow for the drift of its clock.
 */
export function verifyJsonWebToken(world: World, token: string): Result<App> {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const claims = decoded(payload)
  if (claims === null || decoded(header)?.alg !== 'RS256') return undecodable()
  const issuer = findIssuer(world, claims.iss)
  if (!issuer.ok) return issuer
  const { publicKeys } = issuer.value
  if (publicKeys.length === 0) return refuse(failure(401, 'Integration must generate a public key'))
  const signed = Buffer.from(`${header}.${payload}`)
  const isBy = (key: string): boolean => verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url'))
  if (!publicKeys.some(isBy)) return undecodable()
  const problem = timeProblem(claims, Math.floor(world.clock.now() / 1000))
  return problem === null ? issuer : refuse(failure(401, problem))
}

/** Refuses a credential that is not a JSON Web Token of an App. */
export function undecodable(): Result<never> {
  return refuse(failure(401, 'A JSON web token could not be decoded'))
}

function decoded(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    return isObject(value) ? value : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Finds the App by its ID (a number or its digits) or by its client ID. */
function findIssuer(world: World, issuer: unknown): Result<App> {
  if (typeof issuer !== 'string' && typeof issuer !== 'number') {
    return refuse(failure(401, `Missing 'issuer' claim ('iss') in assertion`))
  }
  const apps = [...world.directory.state.apps.values()]
  const app = apps.find(({ id, clientId }) => String(id) === String(issuer) || clientId === issuer)
  if (app !== undefined) return found(app)
  if (/^\d+$/.test(String(issuer))) return refuse(failure(404, 'Integration not found'))
  return refuse(failure(401, `'Issuer' claim ('iss') must be an Integer`))
}

function timeProblem({ exp, iat }: Record<string, unknown>, now: number): string | null {
  if (typeof exp !== 'number' || exp <= now) {
    return `'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires`
  }
  if (exp > now + LONGEST_LIFETIME_S) return `'Expiration time' claim ('exp') is too far in the future`
  if (typeof iat !== 'number' || !Number.isInteger(iat) || iat > now) {
    return `'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued`
  }
  return null
}
