import type { SandboxClock } from './clock.js'

/**
 * What happens to a request instead of its normal answer. `respond` and `disconnect` keep the request from having its effect; their `-after` forms come
 * when it has had it. `hang` gives no answer until the sandbox closes or the client gives up; `ms` are of the sandbox's clock.
 */
export type FaultAction =
  | { kind: 'respond' | 'respond-after'; status: number; body?: unknown; headers?: Record<string, string> }
  | { kind: 'disconnect' | 'disconnect-after' }
  | { kind: 'delay'; ms: number }
  | { kind: 'hang' }

/** Which requests go wrong, how, and how many of them (default: all). A `path` as text is the whole path without its query. */
export interface Fault {
  method?: string
  path?: RegExp | string
  times?: number
  action: FaultAction
}

/** The connection ended before an answer came. */
export class ConnectionCut extends Error {
  override readonly name = 'ConnectionCut'
  /** As on an error of node's sockets. */
  readonly code = 'ECONNRESET'
}

/** The faults that are set, in the order in which they were added. */
export class Faults {
  readonly #faults: { fault: Fault; left: number }[] = []
  readonly #clock: SandboxClock
  readonly #closed = new AbortController()

  constructor(clock: SandboxClock) {
    this.#clock = clock
  }

  /** Adds a fault; the function returned takes it away again. */
  add(fault: Fault): () => void {
    const added = { fault, left: fault.times ?? Infinity }
    this.#faults.push(added)
    return () => {
      const position = this.#faults.indexOf(added)
      if (position >= 0) this.#faults.splice(position, 1)
    }
  }

  clear(): void {
    this.#faults.length = 0
  }

  /** Lets every request that hangs or is delayed go. */
  close(): void {
    this.#closed.abort()
  }

  /** Handles a request with every fault that applies to it around it. `path` is without query and without `/api/v3`. */
  async around(request: { method: string; path: string }, handle: () => Promise<Response>): Promise<Response> {
    const actions = this.#take(request)
    for (const action of actions) {
      const instead = await this.#before(action)
      if (instead !== null) return instead
    }
    let response = await handle()
    for (const action of actions) {
      if (action.kind === 'disconnect-after') throw new ConnectionCut('the connection was cut after the request')
      if (action.kind === 'respond-after') response = answer(action)
    }
    return response
  }

  #take({ method, path }: { method: string; path: string }): FaultAction[] {
    const applying = this.#faults.filter(({ fault, left }) => {
      if (left <= 0 || (fault.method !== undefined && fault.method.toUpperCase() !== method)) return false
      if (fault.path === undefined) return true
      return typeof fault.path === 'string' ? fault.path === path : new RegExp(fault.path).test(path)
    })
    for (const fault of applying) fault.left--
    return applying.map(({ fault }) => fault.action)
  }

  async #before(action: FaultAction): Promise<Response | null> {
    switch (action.kind) {
      case 'respond':
        return answer(action)
      case 'disconnect':
        throw new ConnectionCut('the connection was cut before the request')
      case 'delay':
        await this.#clock.sleep(action.ms, this.#closed.signal)
        return null
      case 'hang':
        await aborted(this.#closed.signal)
        throw new ConnectionCut('the sandbox was closed')
      case 'respond-after':
      case 'disconnect-after':
        return null
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function answer(action: { status: number; body?: unknown; headers?: Record<string, string> }): Response {
  const text =
    typeof action.body === 'string' ? action.body : JSON.stringify(action.body ?? { message: 'Server Error' })
  const bodyless = action.status === 204 || action.status === 304
  return new Response(bodyless ? null : text, {
    status: action.status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...action.headers },
  })
}
