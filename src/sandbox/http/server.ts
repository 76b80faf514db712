import type { Server } from 'node:http'

import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { createAdaptorServer } from '@hono/node-server'
import type { HttpBindings } from '@hono/node-server'

import { ConnectionCut } from '../faults.js'

const LOOPBACK = '127.0.0.1'
/** Accepted Host names. Any other could be DNS rebinding: a web page whose own name resolves to this machine. */
const HOSTS = new Set([LOOPBACK, 'localhost', '[::1]'])

/** A server that listens on 127.0.0.1. */
export interface ListeningServer {
  port: number
  close(): Promise<void>
}

/** Starts a server on a port of 127.0.0.1 (0: any free one). Rejects if the port is in use. */
export async function startServer(
  handle: (request: Request) => Promise<Response>,
  port: number,
): Promise<ListeningServer> {
  const server = createAdaptorServer({
    fetch: (request, env) => answer(handle, request, env as HttpBindings),
    // The global Request and Response belong to the program that embeds the sandbox.
    overrideGlobalObjects: false,
  }) as Server
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject)
      resolve()
    })
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { port: address.port, close: () => closeServer(server) }
}

async function answer(
  handle: (request: Request) => Promise<Response>,
  request: Request,
  { incoming }: HttpBindings,
): Promise<Response> {
  const host = (incoming.headers.host ?? '').replace(/:\d+$/, '')
  if (!HOSTS.has(host)) return new Response('The sandbox answers only as 127.0.0.1 or localhost.\n', { status: 403 })
  try {
    return await handle(await plainRequest(request))
  } catch (error) {
    if (!(error instanceof ConnectionCut)) throw error
    incoming.socket.destroy()
    return RESPONSE_ALREADY_SENT
  }
}

/** Copies the adapter's request into a standard one: `new Request` and `clone` do not always accept the adapter's class. */
async function plainRequest(request: Request): Promise<Request> {
  const { method, headers, url } = request
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(url, { method, headers, ...(hasBody && { body: await request.arrayBuffer() }) })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => {
      if (error === undefined) resolve()
      else reject(error)
    })
    server.closeAllConnections()
  })
}
