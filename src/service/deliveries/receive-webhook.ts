import type { Clock } from '../../ports/clock.js'
import type { Log } from '../operations/log.js'
import { failureText } from '../../lib/failure-text.js'
import { parsePayload } from './parse-payload.js'
import { problemResponse } from './problem-response.js'
import { readBody } from './read-body.js'
import { isSigned } from './signature.js'

/** GitHub sends no larger payload. */
const maxBodyBytes = 25 * 1024 * 1024
/** GitHub gives up after ten seconds, and counts the delivery as failed. */
const storeTimeoutMs = 8_000
const retryAfterSeconds = 30

/** A delivery whose signature is right. */
export interface SignedDelivery {
  id: string
  event: string
  payload: object
  /** The payload as JSON. */
  json: string
}

/** `ignored`: there is nothing to do. `repeated`: it was accepted before. */
export type Acceptance = 'accepted' | 'ignored' | 'repeated'

export interface ReceiveOptions {
  /** More than one while a secret is being replaced. */
  secrets: readonly string[]
  clock: Clock
  log: Log
  /** Resolves once the delivery will survive this process. */
  accept: (delivery: SignedDelivery) => Promise<Acceptance>
}

/** Answers `POST /webhooks/github`. A delivery that is answered with 202 is never lost. */
export async function receiveWebhook(request: Request, options: ReceiveOptions): Promise<Response> {
  if (request.method !== 'POST') {
    const detail = 'Webhooks are sent with POST.'
    return problemResponse({ status: 405, title: 'Method not allowed', detail, headers: { allow: 'POST' } })
  }
  const signed = await readSigned(request, options)
  if (signed instanceof Response) return signed
  return store(signed, options)
}

async function readSigned(request: Request, { secrets }: ReceiveOptions): Promise<SignedDelivery | Response> {
  const { headers } = request
  const body = await readBody(request, maxBodyBytes)
  if (body.kind === 'too-large') {
    return problemResponse({ status: 413, title: 'Payload too large', detail: 'A payload has at most 25 MB.' })
  }
  if (body.kind === 'broken') return badRequest('the body ended too early')
  if (!(await isSigned(secrets, body.text, headers.get('x-hub-signature-256') ?? ''))) {
    const detail = 'X-Hub-Signature-256 must be the HMAC of the body with the secret of the webhook.'
    return problemResponse({ status: 401, title: 'Signature missing or wrong', detail })
  }
  const id = headers.get('x-github-delivery') ?? ''
  if (!/^[A-Za-z0-9-]{1,100}$/u.test(id)) return badRequest('X-GitHub-Delivery is missing, or is not an id')
  const event = headers.get('x-github-event') ?? ''
  if (!/^[a-z_]{1,100}$/u.test(event)) return badRequest('X-GitHub-Event is missing, or is not the name of an event')
  const parsed = parsePayload(headers.get('content-type') ?? '', body.text)
  return parsed.ok ? { id, event, payload: parsed.payload, json: parsed.json } : badRequest(parsed.problem)
}

function badRequest(problem: string): Response {
  return problemResponse({
    status: 400,
    title: 'Not a webhook of GitHub',
    detail: `The request is refused: ${problem}.`,
  })
}

async function store(delivery: SignedDelivery, { accept, clock, log }: ReceiveOptions): Promise<Response> {
  const { id, event } = delivery
  const lines = log.with({ delivery: id, event })
  const late = new AbortController()
  try {
    const outcome = await Promise.race([
      accept(delivery),
      clock.sleep(storeTimeoutMs, late.signal).then(() => 'timeout' as const),
    ])
    if (outcome !== 'timeout') return Response.json({ id, outcome }, { status: 202 })
    lines.error({}, 'the delivery could not be stored in time')
  } catch (error) {
    lines.error({ error: failureText(error) }, 'the delivery could not be stored')
  } finally {
    late.abort()
  }
  const detail = 'The database cannot be written. Deliver it again later; nothing was done.'
  const headers = { 'retry-after': String(retryAfterSeconds) }
  return problemResponse({ status: 503, title: 'The delivery cannot be stored now', detail, headers })
}
