import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import type { HttpApp } from './http-app.js'

/** A server that listens. */
export interface ListeningServer {
  /** `http://127.0.0.1:7345`, without a slash at the end. */
  url: string
  /** Accepts nothing more; resolves when the requests in flight are answered, at the latest after `graceMs`. */
  close(graceMs: number): Promise<void>
}

/** `refused`: nothing can listen there. `code`: Node's error code, such as EADDRINUSE. */
export type Listening = { kind: 'listening'; server: ListeningServer } | { kind: 'refused'; code: string }

/** Serves an app on an address and port (0: any free one). */
export async function listen(
  app: Pick<HttpApp, 'fetch'>,
  { host, port }: { host: string; port: number },
): Promise<Listening> {
  const server = createAdaptorServer({ fetch: app.fetch, overrideGlobalObjects: false }) as Server
  const code = await new Promise<string | null>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    server.listen(port, host, () => resolve(null))
  })
  if (code !== null) return { kind: 'refused', code }
  server.removeAllListeners('error')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return { kind: 'listening', server: { url: urlOf(host, address.port), close: (graceMs) => close(server, graceMs) } }
}

/** An address that stands for every network is shown as the one of this machine. */
function urlOf(host: string, port: number): string {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}
