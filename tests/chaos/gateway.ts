import { AsyncLocalStorage } from 'node:async_hooks'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Sandbox } from '../../src/sandbox/sandbox.js'
import type { KillMoment } from './draw.js'
import type { Exchange } from './evidence.js'
import type { ScaledClock } from './scaled-clock.js'

/** The line whose request is being handled: a run that the request creates belongs to it. */
export const currentLine = new AsyncLocalStorage<string>()

interface GatewayOptions {
  line: string
  clock: ScaledClock
  sandbox: () => Sandbox
  exchanges: Exchange[]
  onRequest: () => void
}

/** GitHub's address for one process of the command. All its requests pass through here, so that they are attributed to it and the process can be killed at one of them. */
export class Gateway {
  readonly #options: GatewayOptions
  readonly #server: Server
  readonly #counts = { dispatch: 0, status: 0, any: 0 }
  #kill: { moment: Extract<KillMoment, { kind: 'request' }>; act: () => void } | null = null

  private constructor(options: GatewayOptions) {
    this.#options = options
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) =>
        response.destroy(error instanceof Error ? error : undefined),
      )
    })
  }

  static async open(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options)
    await new Promise<void>((resolve) => gateway.#server.listen(0, '127.0.0.1', resolve))
    return gateway
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Calls `act` at the request that `moment` names. */
  killAt(moment: Extract<KillMoment, { kind: 'request' }>, act: () => void): void {
    this.#kill = { moment, act }
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { line, clock, sandbox, exchanges, onRequest } = this.#options
    onRequest()
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const method = incoming.method ?? 'GET'
    const url = new URL(incoming.url ?? '/', this.url)
    const path = url.pathname.replace('/api/v3', '')
    const exchange: Exchange = {
      line,
      method,
      path,
      arrivedAt: clock.now(),
      answeredAt: null,
      status: null,
      mark: /"description":"run:([a-z0-9]+)/u.exec(body.toString())?.[1] ?? null,
      asked: path.endsWith('/graphql') ? askedOf(body.toString()) : [],
      completedRuns: [],
    }
    exchanges.push(exchange)
    const kill = this.#isKillDue(method, path)
    if (kill?.moment.when === 'before') {
      kill.act()
      outgoing.destroy()
      return
    }
    const request = new Request(url, {
      method,
      headers: headersOf(incoming),
      redirect: 'manual',
      ...(body.length > 0 && { body }),
    })
    let response: Response
    try {
      response = await currentLine.run(line, () => sandbox().fetch(request))
    } catch (error) {
      // The connection was cut.
      if (!(error instanceof TypeError)) throw error
      kill?.act()
      outgoing.destroy()
      return
    }
    if (kill?.moment.when === 'effect') {
      kill.act()
      outgoing.destroy()
      return
    }
    const bytes = Buffer.from(await response.arrayBuffer())
    exchange.answeredAt = clock.now()
    exchange.status = response.status
    if (exchange.asked.length > 0) exchange.asked = answeredOf(exchange, bytes)
    exchange.completedRuns = response.status === 200 ? completedRuns(path, bytes) : []
    outgoing.writeHead(response.status, Object.fromEntries(response.headers))
    outgoing.end(bytes, () => kill?.act())
  }

  #isKillDue(
    method: string,
    path: string,
  ): { moment: Extract<KillMoment, { kind: 'request' }>; act: () => void } | null {
    this.#counts.any += 1
    if (method === 'POST' && path.endsWith('/dispatches')) this.#counts.dispatch += 1
    else if (method === 'POST' && path.includes('/statuses/')) this.#counts.status += 1
    else if (this.#kill?.moment.of !== 'any') return null
    const kill = this.#kill
    if (kill === null || this.#counts[kill.moment.of] !== kill.moment.nth) return null
    this.#kill = null
    return kill
  }
}

function headersOf(incoming: IncomingMessage): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (typeof value === 'string' && !['connection', 'content-length', 'transfer-encoding'].includes(name))
      headers.set(name, value)
  }
  return headers
}

/** The repositories that a reading of the change requests, from the variables `n0`, `n1`, … */
function askedOf(body: string): string[] {
  const { query, variables } = JSON.parse(body) as { query: string; variables: Record<string, string> }
  if (!query.startsWith('query ReadChange(')) return []
  return Object.entries(variables).flatMap(([name, value]) => (/^n\d+$/u.test(name) ? [value] : []))
}

/** The repositories that the answer to a query contains: those with an error at their path are excluded. */
function answeredOf({ asked, status }: Exchange, bytes: Buffer): string[] {
  if (status !== 200) return []
  const { data, errors = [] } = JSON.parse(bytes.toString()) as { data?: object | null; errors?: { path?: string[] }[] }
  const failed = new Set(errors.flatMap(({ path }) => path?.[0] ?? []))
  return data ? asked.filter((_, index) => !failed.has(`r${index}`)) : []
}

function completedRuns(path: string, bytes: Buffer): number[] {
  if (!/\/runs(\/\d+)?$/u.test(path)) return []
  const body = JSON.parse(bytes.toString()) as {
    id?: number
    status?: string
    workflow_runs?: { id: number; status: string }[]
  }
  const runs = body.workflow_runs ?? (body.id === undefined ? [] : [{ id: body.id, status: body.status ?? '' }])
  return runs.filter(({ status }) => status === 'completed').map(({ id }) => id)
}
