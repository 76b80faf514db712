import { ConnectionCut } from '../faults.js'
import { plainRequest } from './plain-messages.js'

const MOST_REDIRECTS = 5

/** Builds a request that stays in this process, of any arguments that `fetch` takes. */
export function requestInProcess(input: Request | string | URL, init: RequestInit = {}): Request {
  const { body, headers, method, redirect, signal, ...others } = init
  const isPlain =
    (typeof input === 'string' || input instanceof URL) &&
    (body === undefined || typeof body === 'string') &&
    (headers === undefined || isRecord(headers)) &&
    Object.keys(others).length === 0
  if (!isPlain) return new Request(input, init)
  return plainRequest(String(input), {
    ...(method !== undefined && { method }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
    ...(redirect !== undefined && { redirect }),
    signal: signal ?? null,
  })
}

function isRecord(headers: NonNullable<RequestInit['headers']>): headers is Record<string, string> {
  return !Array.isArray(headers) && Object.getPrototypeOf(headers) === Object.prototype
}

/** Sends a request without a socket: follows redirects, honours the request's signal, and rejects like `fetch` when a connection is cut. */
export async function fetchInProcess(
  handle: (request: Request) => Promise<Response>,
  request: Request,
): Promise<Response> {
  let current = request
  for (let redirects = 0; ; redirects++) {
    const response = await unlessAborted(current.signal, settle(handle, current))
    const location = response.headers.get('location')
    if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return response
    if (request.redirect === 'manual' || redirects >= MOST_REDIRECTS) return response
    // The first request consumed its body, so only a request without a body can be repeated.
    if (!['GET', 'HEAD'].includes(current.method)) return response
    current = new Request(new URL(location, current.url), { headers: current.headers, signal: current.signal })
  }
}

async function settle(handle: (request: Request) => Promise<Response>, request: Request): Promise<Response> {
  try {
    return await handle(request)
  } catch (error) {
    if (!(error instanceof ConnectionCut)) throw error
    throw new TypeError('fetch failed', { cause: error })
  }
}

async function unlessAborted(signal: AbortSignal, response: Promise<Response>): Promise<Response> {
  // After an abort the answer is discarded, because the caller no longer waits for it.
  response.catch(() => undefined)
  let stop = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => {
      const reason: unknown = signal.reason
      reject(reason instanceof Error ? reason : new Error(String(reason)))
    }
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop)
  })
  try {
    return await Promise.race([response, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}
