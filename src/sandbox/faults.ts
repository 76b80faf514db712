import type { SandboxClock } from './clock.js'
import type { ReadTrouble } from './fault-answers.js'
import { graphqlRefused, secondaryLimit, troubleOf } from './fault-answers.js'

import type { FaultAction, GivenAnswer } from './fault-actions.js'

/** Which requests go wrong, and how. Without `times`, `lasts` and `probability` all that match do. */
export interface Fault {
  method?: string
  /** Requests that only read (GET, HEAD and GraphQL, which is queries alone here), or all others. */
  access?: 'read' | 'write'
  /** As text, the whole path without its query. */
  path?: RegExp | string
  /** The name of a GraphQL operation; other requests do not match. */
  operation?: RegExp | string
  /** How many requests go wrong. */
  times?: number
  /** How long from now requests go wrong (ms). */
  lasts?: number
  /** The part of the requests that go wrong, 0 to 1, drawn from the sandbox's random numbers. */
  probability?: number
  action: FaultAction
}

/** The connection ended before an answer came. */
export class ConnectionCut extends Error {
  override readonly name = 'ConnectionCut'
  /** As on an error of node's sockets. */
  readonly code = 'ECONNRESET'
}

/** A request on its way. */
export interface FaultyRequest {
  method: string
  /** Without query and without `/api/v3`. */
  path: string
  /** Of a GraphQL request: the name of its operation, or null. */
  operation?: string | null
  /** Aborted when the client gives up. */
  client: AbortSignal
  /** Its normal answer. */
  handle(trouble: ReadTrouble): Promise<Response>
  /** The answer of a fault, with the headers that GitHub adds. */
  answer(given: GivenAnswer): Response
}

export interface FaultOptions {
  clock: SandboxClock
  /** 0 to below 1. */
  random: () => number
  /** Whether earlier states are kept. */
  hasPast: boolean
}

interface AddedFault {
  fault: Fault
  left: number
  end: number
}

/** The faults that are set, in the order in which they were added. */
export class Faults {
  /** How many requests each kind of fault was applied to so far. */
  readonly applied = new Map<FaultAction['kind'], number>()
  readonly #faults: AddedFault[] = []
  readonly #options: FaultOptions
  /** What hangs or is delayed, each with a signal of its own: Node warns of a leak where more than ten listen to one. */
  readonly #held = new Set<AbortController>()
  #isClosed = false

  constructor(options: FaultOptions) {
    this.#options = options
  }

  /** Adds a fault; the function returned takes it away again. Throws where it cannot work. */
  add(fault: Fault): () => void {
    if (fault.action.kind === 'stale-reads' && !this.#options.hasPast) {
      throw new Error(
        'Only a sandbox in memory keeps its past. Create it without a state directory to have stale reads.',
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

  /** Lets every request that hangs or is delayed go. */
  close(): void {
    this.#isClosed = true
    for (const held of this.#held) held.abort()
  }

  /** Handles a request with every fault that applies to it around it. Rejects with `ConnectionCut` where there is no answer. */
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

  #take(request: FaultyRequest): FaultAction[] {
    const applying = this.#faults.filter((added) => this.#applies(added, request))
    return applying.map((added) => {
      const { action } = added.fault
      added.left--
      this.applied.set(action.kind, (this.applied.get(action.kind) ?? 0) + 1)
      return action
    })
  }

  #applies({ fault, left, end }: AddedFault, { method, path, operation }: FaultyRequest): boolean {
    const { action, probability } = fault
    const isGraphql = operation !== undefined
    const isRead = method === 'GET' || method === 'HEAD' || isGraphql
    if (left <= 0 || this.#options.clock.now() >= end) return false
    if (fault.method !== undefined && fault.method.toUpperCase() !== method) return false
    if (fault.access !== undefined && (fault.access === 'read') !== isRead) return false
    if ((action.kind === 'stale-reads' || action.kind === 'late-runs') && !isRead) return false
    if (action.kind.startsWith('graphql-') && !isGraphql) return false
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
        return null
    }
  }

  async #hang({ client }: FaultyRequest): Promise<never> {
    await this.#hold((closed) => aborted(closed, client))
    throw new ConnectionCut('the sandbox was closed, or the client gave up')
  }

  /** Waits with a signal that is aborted when the sandbox closes. */
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
  // A new one, because an expression with the flag `g` remembers where it was.
  return typeof wanted === 'string' ? wanted === text : new RegExp(wanted).test(text)
}

/** Resolves when one of them is aborted. */
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
