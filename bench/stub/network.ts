import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import type { Answered, Asked } from './rest.js'
import type { Stub } from './stub.js'

/** Round-trip time of a request, ms: half before the stub answers, half after. */
export const latency = 50

export interface Served {
  /** Root of the API at an address that clients treat as local, so that they apply no limits. */
  apiUrl: string
  /** Root of the API at an address of this machine that clients treat as remote. */
  distantApiUrl: string
  close: () => Promise<void>
}

/** Serves the stub over HTTP on this machine, in real time. */
export async function serve(stub: Stub): Promise<Served> {
  const server = createServer((incoming, outgoing) => {
    respond(stub, incoming, outgoing).catch((error: unknown) => {
      outgoing.destroy(error instanceof Error ? error : new Error(String(error)))
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return { apiUrl: `http://127.0.0.1:${port}`, distantApiUrl: `http://127.0.0.2:${port}`, close }
}

async function respond(stub: Stub, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value))
  const url = new URL(incoming.url ?? '/', 'http://stub')
  await setTimeout(latency / 2)
  const body = Buffer.concat(chunks).toString()
  const answer = await stub.answer(toAsked(incoming.method ?? 'GET', url, headers, body))
  await setTimeout(latency / 2)
  const { status, body: sent, headers: more } = toWire(answer)
  outgoing.writeHead(status, more)
  outgoing.end(sent)
}

/** Returns a `fetch` that the stub answers in process, on a real or virtual clock. */
export function createFetch(
  stub: Stub,
  clock: { sleep: (ms: number) => Promise<void>; track: <T>(work: Promise<T>) => Promise<T> },
): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, init)
    const body = await clock.track(request.text())
    await clock.sleep(latency / 2)
    const asked = toAsked(request.method, new URL(request.url), request.headers, body)
    const answer = await clock.track(stub.answer(asked))
    await clock.sleep(latency / 2)
    request.signal.throwIfAborted()
    const { status, body: sent, headers } = toWire(answer)
    return new Response(sent, { status, headers })
  }
}

/** Removes the prefix of the API: GitHub Enterprise Server has REST below /api/v3 and GraphQL below /api, github.com has both at its root. */
function toAsked(method: string, url: URL, headers: Headers, body: string): Asked {
  const path = url.pathname.replace(/^\/api\/v3(?=\/)|^\/api(?=\/graphql$)/u, '')
  return { method, path, query: url.searchParams, headers, body }
}

function toWire({ status, body, headers }: Answered): {
  status: number
  body: string | null
  headers: Record<string, string>
} {
  if (body === null) return { status, body: null, headers: headers ?? {} }
  if (typeof body === 'string') return { status, body, headers: headers ?? {} }
  return {
    status,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  }
}
