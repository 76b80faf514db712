import { createHmac } from 'node:crypto'

import type { SandboxClock } from '../clock.js'
import type { Hook, LastResponse } from '../state/hook.js'

/** GitHub's limits: the time to answer, and the size of a payload. */
const TIMEOUT_MS = 10_000
export const MAX_PAYLOAD_BYTES = 25 * 1024 * 1024
/** The part of a response that is kept, in characters. */
const MAX_RESPONSE = 65_536

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
    return unanswered('failed to connect to host: the sandbox contacts only 127.0.0.1 and localhost', 502)
  }
  const ended = new AbortController()
  const stop = new AbortController()
  const abort = (): void => stop.abort()
  if (closed.aborted) abort()
  closed.addEventListener('abort', abort)
  const timeout = clock.sleep(TIMEOUT_MS, ended.signal).then(() => {
    if (!ended.signal.aborted) abort()
  })
  try {
    const request = new Request(url, { method: 'POST', headers, body, redirect: 'manual', signal: stop.signal })
    return await answered(await send(request))
  } catch {
    // Whatever the reason is, the receiver did not answer: that is the result of the delivery.
    if (closed.aborted) return unanswered('failed to connect to host: the sandbox was closed', 502)
    return stop.signal.aborted ? unanswered('timed out', 504) : unanswered('failed to connect to host', 502)
  } finally {
    closed.removeEventListener('abort', abort)
    ended.abort()
    await timeout
  }
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
