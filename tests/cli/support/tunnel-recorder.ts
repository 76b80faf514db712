import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** A proxy on 127.0.0.1 that records the hosts of tunnel requests and opens none. */
export class TunnelRecorder implements AsyncDisposable {
  readonly tunnels: string[] = []
  readonly #server = createServer()

  static async open(): Promise<TunnelRecorder> {
    const recorder = new TunnelRecorder()
    recorder.#server.on('connect', (request, socket: Socket) => {
      recorder.tunnels.push(request.url ?? '')
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    })
    await new Promise<void>((resolve) => recorder.#server.listen(0, '127.0.0.1', resolve))
    return recorder
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}
