import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type {
  DispatchedEventJson,
  FlowEventJson,
  FlowEventPageJson,
  FlowJson,
  FlowListJson,
  FlowRunJson,
  FlowRunPageJson,
  NewEventJson,
} from '../../model/wire/flows.js'
import { signatureHeader, timestampHeader } from '../../model/wire/signed-request.js'
import { openCall } from '../call.js'
import { ServiceError } from '../errors.js'
import { jsonText } from '../json-text.js'
import type { CallOptions, EventQuery, HandoffInput, RunQuery } from '../flow-client.js'
import type { HttpClientOptions } from '../options.js'
import type { Paged } from '../paged.js'
import { toError } from './problem.js'
import { Retries } from './retries.js'
import { readRunStream } from './run-stream.js'
import { RequestSigner } from './signature.js'

/** A request to the service. */
interface ServiceRequest {
  method: 'GET' | 'POST'
  /** With its query. */
  path: string
  /** JSON. */
  body?: string
  /** Whether it may be sent again when it is not known whether it arrived. */
  isRepeatable: boolean
}

/** The pause before a stream that was cut is opened again, ms. */
const streamPauseMs = 1_100

/** Events and runs of a service. */
export class HttpClient implements Paged {
  readonly #options: HttpClientOptions
  readonly #base: URL
  readonly #signer: RequestSigner | null

  constructor(options: HttpClientOptions) {
    this.#options = options
    this.#signer = options.hmacSecret === undefined ? null : new RequestSigner(options.hmacSecret)
    this.#base = new URL(options.baseUrl.endsWith('/') ? options.baseUrl : `${options.baseUrl}/`)
  }

  async dispatchEvent(event: NewEventJson, options?: CallOptions): Promise<DispatchedEventJson> {
    return this.#call({ method: 'POST', path: 'events', body: jsonText(event), isRepeatable: true }, options)
  }

  getEvent(id: string, options?: CallOptions): Promise<FlowEventJson> {
    return this.#get(`events/${encodeURIComponent(id)}`, options)
  }

  eventPage(query: EventQuery & { cursor?: string }, options?: CallOptions): Promise<FlowEventPageJson> {
    return this.#get(`events${queryText(query)}`, options)
  }

  runPage(query: RunQuery & { cursor?: string }, options?: CallOptions): Promise<FlowRunPageJson> {
    return this.#get(`runs${queryText(query)}`, options)
  }

  getRun(id: string, options?: CallOptions): Promise<FlowRunJson> {
    return this.#get(`runs/${encodeURIComponent(id)}`, options)
  }

  replayEvent(id: string, options?: CallOptions): Promise<DispatchedEventJson> {
    const path = `events/${encodeURIComponent(id)}/replay`
    // A replay is a new attempt each time, so that a repetition could be one too many.
    return this.#call({ method: 'POST', path, body: '{}', isRepeatable: false }, options)
  }

  cancelRun(id: string, options?: CallOptions): Promise<FlowRunJson> {
    const path = `runs/${encodeURIComponent(id)}/cancel`
    return this.#call({ method: 'POST', path, body: '{}', isRepeatable: true }, options)
  }

  async handoff(flow: string, input: HandoffInput = {}, options?: CallOptions): Promise<DispatchedEventJson> {
    const body = jsonText({ id: `handoff:${randomUUID()}`, ...input })
    const path = `flows/${encodeURIComponent(flow)}/handoff`
    return this.#call({ method: 'POST', path, body, isRepeatable: true }, options)
  }

  async *watchRun(id: string, options?: CallOptions): AsyncGenerator<FlowRunJson, void, void> {
    const { signal, end } = openCall(options)
    const path = `runs/${encodeURIComponent(id)}/stream`
    let last = ''
    try {
      for (;;) {
        const response = await this.#send({ method: 'GET', path, isRepeatable: true }, signal)
        if (!response.ok) throw await toError(response)
        for await (const run of readRunStream(response, signal)) {
          const text = JSON.stringify(run)
          if (text !== last) yield run
          last = text
          if (run.endedAt !== null) return
        }
        // The stream was cut: the next one begins with the run as it is then.
        await pause(streamPauseMs, signal)
      }
    } finally {
      end()
    }
  }

  async listFlows(options?: CallOptions): Promise<FlowJson[]> {
    const { items } = await this.#get<FlowListJson>('flows', options)
    return [...items]
  }

  setFlowEnabled(flow: string, isEnabled: boolean, options?: CallOptions): Promise<FlowJson> {
    const path = `flows/${encodeURIComponent(flow)}/${isEnabled ? 'enable' : 'disable'}`
    return this.#call({ method: 'POST', path, body: '{}', isRepeatable: true }, options)
  }

  #get<T>(path: string, options?: CallOptions): Promise<T> {
    return this.#call({ method: 'GET', path, isRepeatable: true }, options)
  }

  async #call<T>(request: ServiceRequest, options?: CallOptions): Promise<T> {
    const { signal, end } = openCall(options)
    try {
      const response = await this.#send(request, signal)
      if (!response.ok) throw await toError(response)
      return (await readJson(response, signal)) as T
    } finally {
      end()
    }
  }

  /** The answer to a request, which is sent again after failures that may pass, each time with a signature of its own. */
  async #send(request: ServiceRequest, signal: AbortSignal): Promise<Response> {
    const retries = new Retries(request.isRepeatable)
    for (;;) {
      let pauseMs: number | null
      try {
        const response = await this.#fetch(request, signal)
        pauseMs = await retries.after(response)
        if (pauseMs === null) return response
        await response.body?.cancel()
      } catch (error) {
        signal.throwIfAborted()
        pauseMs = retries.afterFailure()
        if (pauseMs === null) {
          const message = `the service at ${this.#base.origin} cannot be reached: is it running?`
          throw new ServiceError(null, message, { cause: error })
        }
      }
      await pause(pauseMs, signal)
    }
  }

  #fetch({ method, path, body }: ServiceRequest, signal: AbortSignal): Promise<Response> {
    const { token } = this.#options
    const url = new URL(path, this.#base)
    const headers = new Headers({ Accept: 'application/json, text/event-stream' })
    if (body !== undefined) headers.set('Content-Type', 'application/json')
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`)
    if (this.#signer) {
      // An event is idempotent by its id.
      const isOnce = method === 'POST' && path !== 'events'
      const signed = { method, path: `${url.pathname}${url.search}`, body: body ?? '', isOnce }
      const { timestamp, signature } = this.#signer.sign(signed, Math.floor(Date.now() / 1000))
      headers.set(timestampHeader, String(timestamp))
      headers.set(signatureHeader, signature)
    }
    // A redirect would take the token and the signature to another address: it is an answer that is refused.
    return fetch(url, { method, headers, signal, redirect: 'manual', ...(body === undefined ? {} : { body }) })
  }
}

async function readJson(response: Response, signal: AbortSignal): Promise<unknown> {
  try {
    return await response.json()
  } catch (error) {
    signal.throwIfAborted()
    throw new ServiceError(response.status, 'the service answered with something that is not JSON', { cause: error })
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch {
    signal.throwIfAborted()
  }
}

function queryText(query: EventQuery | RunQuery): string {
  const entries = Object.entries(query).flatMap(([name, value]: [string, unknown]): [string, string][] =>
    typeof value === 'string' || typeof value === 'number' ? [[name, String(value)]] : [],
  )
  return entries.length === 0 ? '' : `?${new URLSearchParams(entries).toString()}`
}
