import type { SandboxClock } from './clock.js'
import type { ReadTrouble } from './fault-answers.js'
import { deliveryTroubleOf, graphqlRefused, secondaryLimit, troubleOf } from './fault-answers.js'
import type { DeliveryTrouble, FaultAction, GivenAnswer } from './fault-actions.js'

/** A rule that makes matching requests fail. Without `times`, `lasts` and `probability` it applies to every request that matches. */
export interface Fault {
  method?: string
  /** `read` selects GET, HEAD and GraphQL requests except mutations; `write` selects all others. */
  access?: 'read' | 'write'
  /** A string must equal the whole path without its query. */
  path?: RegExp | string
  /** The name of a GraphQL operation. Requests other than GraphQL do not match. */
  operation?: RegExp | string
  /** The name of the event of a webhook delivery, such as `push`. Requests do not match. */
  event?: RegExp | string
  /** The number of requests that the fault applies to. */
  times?: number
  /** The fault expires this many ms after it is added. */
  lasts?: number
  /** The share of matching requests that fail, from 0 to 1, drawn from the sandbox's random numbers. */
  probability?: number
  action: FaultAction
}

/** The connection closed before a response arrived. */
export class ConnectionCut extends Error {
  override readonly name = 'ConnectionCut'
  /** The same code as an error of Node's sockets has. */
  readonly code = 'ECONNRESET'
}

/** A request that faults can apply to. */
export interface FaultyRequest {
  method: string
  /** The path without the query and without `/api/v3`. */
  path: string
  /** The operation name of a GraphQL request, or null; undefined for other requests. */
  operation?: string | null
  /** True if the GraphQL request changes something. */
  isMutation?: boolean
  /** This signal aborts when the client cancels the request. */
  client: AbortSignal
  /** Returns the normal response. */
  handle(trouble: ReadTrouble): Promise<Response>
  /** Builds the response of a fault, with the headers that GitHub adds. */
  answer(given: GivenAnswer): Response
}

export interface FaultOptions {
  clock: SandboxClock
  /** Returns a number from 0 (inclusive) to 1 (exclusive). */
  random: () => number
  /** True if the sandbox records earlier states. */
  hasPast: boolean
}

/** What the selectors of a fault look at. `event` is set for webhook deliveries only. */
type FaultTarget = Pick<FaultyRequest, 'method' | 'path' | 'operation' | 'isMutation'> & { event?: string }

interface ActiveFault {
  fault: Fault
  left: number
  end: number
}

/** The active faults, in the order in which they were added. */
export class Faults {
  /** The number of requests that each kind of fault was applied to. */
  readonly applied = new Map<FaultAction['kind'], number>()
  readonly #faults: ActiveFault[] = []
  readonly #options: FaultOptions
  /** Requests that hang or are delayed. Each has its own signal, because Node warns of a leak when more than ten listeners share one. */
  readonly #held = new Set<AbortController>()
  #isClosed = false

  constructor(options: FaultOptions) {
    this.#options = options
  }

  /** Adds a fault and returns the function that removes it. Throws if this sandbox cannot apply the fault. */
  add(fault: Fault): () => void {
    if (fault.action.kind === 'stale-reads' && !this.#options.hasPast) {
      throw new Error(
        'Only a sandbox in memory keeps its history. Create it without a state directory to have stale reads.',
      )
    }
    const end = this.#options.clock.now() + (fault.lasts ?? Infinity)
    const added = { fault, left: fault.times ?? Infinity, end }
    this.#faults.push(added)
    return () => {
      const position = this.#faults.indexOf(added)
      if (position >= 0) this.#faults.splice(position, 1)
    }
  }

  clear(): void {
    this.#faults.length = 0
  }

  /** Releases every request that hangs or is delayed. */
  close(): void {
    this.#isClosed = true
    for (const held of this.#held) held.abort()
  }

  /** Handles a request and applies every fault that matches it. Rejects with `ConnectionCut` if there is no response. */
  async around(request: FaultyRequest): Promise<Response> {
    const actions = this.#take(request)
    for (const action of actions) {
      const instead = await this.#before(request, action)
      if (instead !== null) return instead
    }
    let response = await request.handle(troubleOf(actions))
    for (const action of actions) response = (await this.#after(request, action)) ?? response
    return response
  }

  /** Returns what the matching faults do to a webhook delivery. */
  ofDelivery({ event, path }: { event: string; path: string }): DeliveryTrouble {
    return deliveryTroubleOf(this.#take({ method: 'POST', path, event }))
  }

  #take(request: FaultTarget): FaultAction[] {
    const applying = this.#faults.filter((added) => this.#applies(added, request))
    return applying.map((added) => {
      const { action } = added.fault
      added.left--
      this.applied.set(action.kind, (this.applied.get(action.kind) ?? 0) + 1)
      return action
    })
  }

  #applies({ fault, left, end }: ActiveFault, target: FaultTarget): boolean {
    const { method, path, operation, event } = target
    const { action, probability } = fault
    const isGraphql = operation !== undefined
    const isRead = method === 'GET' || method === 'HEAD' || (isGraphql && target.isMutation !== true)
    if (left <= 0 || this.#options.clock.now() >= end) return false
    if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false
    if (fault.access !== undefined && (fault.access === 'read') !== isRead) return false
    if ((action.kind === 'stale-reads' || action.kind === 'late-runs') && !isRead) return false
    if (action.kind.startsWith('graphql-') && !isGraphql) return false
    if (action.kind.startsWith('delivery-') !== (event !== undefined)) return false
    if (fault.event !== undefined && !matches(fault.event, event ?? '')) return false
    if (fault.path !== undefined && !matches(fault.path, path)) return false
    if (fault.operation !== undefined && !(isGraphql && matches(fault.operation, operation ?? ''))) return false
    return probability === undefined || this.#options.random() < probability
  }

  async #before(request: FaultyRequest, action: FaultAction): Promise<Response | null> {
    switch (action.kind) {
      case 'respond':
        return request.answer(action)
      case 'secondary-limit':
        return request.answer(secondaryLimit(action))
      case 'graphql-refused':
        return request.answer(graphqlRefused(action))
      case 'disconnect':
        throw new ConnectionCut('the connection was cut before the request')
      case 'delay':
        await this.#hold((signal) => this.#options.clock.sleep(action.ms, signal))
        return null
      case 'hang':
        return this.#hang(request)
      case 'respond-after':
      case 'disconnect-after':
      case 'hang-after':
      case 'stale-reads':
      case 'late-runs':
      case 'graphql-too-large':
      case 'graphql-partial':
      case 'delivery-lost':
      case 'delivery-doubled':
      case 'delivery-reordered':
      case 'delivery-delayed':
        return null
    }
  }

  async #after(request: FaultyRequest, action: FaultAction): Promise<Response | null> {
    switch (action.kind) {
      case 'respond-after':
        return request.answer(action)
      case 'disconnect-after':
        throw new ConnectionCut('the connection was cut after the request')
      case 'hang-after':
        return this.#hang(request)
      case 'respond':
      case 'secondary-limit':
      case 'disconnect':
      case 'delay':
      case 'hang':
      case 'stale-reads':
      case 'late-runs':
      case 'graphql-refused':
      case 'graphql-too-large':
      case 'graphql-partial':
      case 'delivery-lost':
      case 'delivery-doubled':
      case 'delivery-reordered':
      case 'delivery-delayed':
        return null
    }
  }

  async #hang({ client }: FaultyRequest): Promise<never> {
    await this.#hold((closed) => aborted(closed, client))
    throw new ConnectionCut('the sandbox was closed, or the client gave up')
  }

  /** Waits with a signal that aborts when the sandbox closes. */
  async #hold(wait: (closed: AbortSignal) => Promise<void>): Promise<void> {
    const held = new AbortController()
    if (this.#isClosed) held.abort()
    this.#held.add(held)
    try {
      await wait(held.signal)
    } finally {
      this.#held.delete(held)
    }
  }
}

function matches(wanted: RegExp | string, text: string): boolean {
  // A regular expression with the flag `g` keeps `lastIndex` between calls, so each test uses a new one.
  return typeof wanted === 'string' ? wanted === text : new RegExp(wanted).test(text)
}

/** Resolves when one of the signals aborts. */
function aborted(...signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      for (const signal of signals) signal.removeEventListener('abort', done)
      resolve()
    }
    if (signals.some((signal) => signal.aborted)) done()
    else for (const signal of signals) signal.addEventListener('abort', done)
  })
}
