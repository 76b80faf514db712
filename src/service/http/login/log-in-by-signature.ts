import type { Context } from 'hono'
import { signatureHeader, timestampHeader } from '../../../model/wire/signed-request.js'
import { sendProblem, tooManyTokens } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { addressOf, pathAsSent } from './origin.js'
import type { SignatureCheck, SignatureVerifier } from './signature-verifier.js'

/** What a program does with events, runs and flows; nothing else accepts a signature. */
const signedPaths = /^\/(?:(?:events|runs|flows)(?:\/|$)|openapi\.json$)/u

/** Whether a request carries a signature, which then decides alone who sends it. */
export function isSigned(c: Context<HttpEnv>): boolean {
  return c.req.header(signatureHeader) !== undefined
}

/** Sets the caller of a signed request; the answer to one whose signature is not accepted. */
export async function logInBySignature(c: Context<HttpEnv>, signatures: SignatureVerifier): Promise<Response | null> {
  if (!signedPaths.test(c.req.path)) {
    return refuse(c, 'A signature is accepted below /events, /runs and /flows only. Send a token here.')
  }
  const { method } = c.req
  const check = await signatures.check({
    signature: c.req.header(signatureHeader) ?? '',
    timestamp: c.req.header(timestampHeader) ?? '',
    method,
    path: pathAsSent(c),
    // Bytes that are not UTF-8 are replaced, so that no signature matches such a body. A byte order mark is signed too.
    readBody: async () => new TextDecoder('utf-8', { ignoreBOM: true }).decode(await c.req.arrayBuffer()),
    address: addressOf(c),
    // An event is idempotent by its id.
    isOnce: method === 'POST' && c.req.path !== '/events',
  })
  if (check.kind === 'limited') return sendProblem(c, tooManyTokens(check.retryAfterMs))
  if (check.kind === 'used') return refuse(c, refusals.used, 'signature-used')
  if (check.kind !== 'right') return refuse(c, refusals[check.kind])
  c.set('caller', { kind: 'program' })
  c.set('session', null)
  return null
}

const refusals: Record<Exclude<SignatureCheck['kind'], 'right' | 'limited'>, string> = {
  wrong:
    'The signature is not valid. Sign "<timestamp>.<METHOD>.<path and query>.<body>" exactly as it is sent, with ORCH_HMAC_SECRET.',
  'not-configured': 'This service accepts no signatures: ORCH_HMAC_SECRET is not set.',
  'outside-window': `${timestampHeader} must be the time in seconds since 1970, UTC, and at most five minutes from the clock of this service.`,
  used: 'This signature was used before. Sign the request again with the time of now.',
}

function refuse(c: Context<HttpEnv>, detail: string, code?: 'signature-used'): Response {
  const headers = { 'WWW-Authenticate': 'Bearer realm="orch"' }
  return sendProblem(c, { status: 401, detail, headers, ...(code === undefined ? {} : { code }) })
}
