import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What a build calls to say that it has begun. */
export interface Bell {
  url: string
  rung: Promise<void>
  close: () => void
}

/** A server that reports each call to it. */
export async function hangBell(): Promise<Bell> {
  let ring: () => void = () => undefined
  const rung = new Promise<void>((resolve) => (ring = resolve))
  const server = createServer((_request, response) => {
    response.end()
    ring()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = (): void => {
    server.close()
    server.closeAllConnections()
  }
  return { url: `http://127.0.0.1:${port}/`, rung, close }
}
