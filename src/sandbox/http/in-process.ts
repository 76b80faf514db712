import { ConnectionCut } from '../faults.js'

const MOST_REDIRECTS = 5

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
