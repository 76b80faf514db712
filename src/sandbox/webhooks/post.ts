import { createHmac } from 'node:crypto'

import type { SandboxClock } from '../clock.js'
import type { Hook, LastResponse } from '../state/hook.js'

/** GitHub's limits: the time to answer, and the size of a payload. */
const TIMEOUT_MS = 10_000
export const MAX_PAYLOAD_BYTES = 25 * 1024 * 1024
/** The part of a response that is kept, in characters. */
const MAX_RESPONSE = 65_536

const NO_CONNECTION = 'failed to connect to host'
const LOCAL_HOSTS = new Set(['127.0.0.1', 'localhost', '[::1]'])

/** Sends a request to a receiver. Rejects if there is no answer. */
export type Send = (request: Request) => Promise<Response>

/** A request to the receiver of a hook. */
export interface HookRequest {
  headers: Record<string, string>
  body: string
}

/** What became of a request. `response` is null if the receiver did not answer. */
export interface PostResult {
  status: string
  statusCode: number
  response: { headers: Record<string, string>; payload: string } | null
}

/** Builds the request that delivers a payload, signed with the secret of the hook. */
export function hookRequest(hook: Hook, delivery: { guid: string; event: string; payload: string }): HookRequest {
  const { contentType, secret } = hook.config
  const isJson = contentType === 'json'
  const body = isJson ? delivery.payload : new URLSearchParams({ payload: delivery.payload }).toString()
  const sign = (algorithm: string): string => {
    return `${algorithm}=${createHmac(algorithm, secret ?? '')
      .update(body)
      .digest('hex')}`
  }
  return {
    body,
    headers: {
      Accept: '*/*',
      'User-Agent': 'GitHub-Hookshot/orch-sandbox',
      'Content-Type': isJson ? 'application/json' : 'application/x-www-form-urlencoded',
      'X-GitHub-Delivery': delivery.guid,
      'X-GitHub-Event': delivery.event,
      'X-GitHub-Hook-ID': String(hook.id),
      'X-GitHub-Hook-Installation-Target-ID': String(hook.owner.id),
      'X-GitHub-Hook-Installation-Target-Type': hook.owner.type === 'app' ? 'integration' : hook.owner.type,
      ...(secret !== null && { 'X-Hub-Signature': sign('sha1'), 'X-Hub-Signature-256': sign('sha256') }),
    },
  }
}

/** Sends a request to the receiver of a hook. Only addresses of this machine are ever contacted. */
export async function post(
  url: string,
  { headers, body }: HookRequest,
  { clock, send, closed }: { clock: SandboxClock; send: Send; closed: AbortSignal },
): Promise<PostResult> {
  if (!LOCAL_HOSTS.has(new URL(url).hostname)) {
    return unanswered(`${NO_CONNECTION}: the sandbox contacts only 127.0.0.1 and localhost`, 502)
  }
  // Aborts when the time is over, the sandbox closes, or the delivery has ended.
  const over = new AbortController()
  const abort = (): void => over.abort()
  if (closed.aborted) abort()
  closed.addEventListener('abort', abort)
  const timeout = clock.sleep(TIMEOUT_MS, over.signal).then((): PostResult => {
    abort()
    return closed.aborted ? unanswered(`${NO_CONNECTION}: the sandbox was closed`, 502) : unanswered('timed out', 504)
  })
  const request = new Request(url, { method: 'POST', headers, body, redirect: 'manual', signal: over.signal })
  // Whatever the reason of a rejection is, the receiver did not answer: that is the result of the delivery.
  const answer = send(request)
    .then(answered)
    .catch(() => unanswered(NO_CONNECTION, 502))
  const result = await Promise.race([timeout, answer])
  closed.removeEventListener('abort', abort)
  abort()
  return result
}

/** Returns `last_response` of a hook after a delivery. */
export function lastResponseOf({ status, statusCode, response }: PostResult): LastResponse {
  if (status === 'OK') return { code: statusCode, status: 'active', message: 'OK' }
  const kind = response !== null ? 'misconfigured' : statusCode === 504 ? 'timeout' : 'connection_error'
  return { code: statusCode, status: kind, message: status }
}

function unanswered(status: string, statusCode: number): PostResult {
  return { status, statusCode, response: null }
}

async function answered(response: Response): Promise<PostResult> {
  const payload = await readStart(response)
  return {
    status: response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`,
    statusCode: response.status,
    response: { headers: Object.fromEntries(response.headers), payload },
  }
}

/** Reads the part of a response that is kept. */
async function readStart({ body }: Response): Promise<string> {
  let text = ''
  if (body === null) return text
  const decoder = new TextDecoder()
  for await (const chunk of body) {
    text += decoder.decode(chunk as Uint8Array, { stream: true })
    if (text.length >= MAX_RESPONSE) break
  }
  return text.slice(0, MAX_RESPONSE)
}
