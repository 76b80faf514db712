import { Agent as HttpAgent, request as requestHttp } from 'node:http'
import type { IncomingMessage, RequestOptions } from 'node:http'
import { pipeline, type Readable } from 'node:stream'
import { readHeaders } from './answer.js'
import { toText } from './body.js'

/** A server may close an idle connection: one that has been idle for this long is not reused, ms. */
const keepAliveMs = 4_000
const agentOptions = { keepAlive: true, timeout: keepAliveMs, scheduling: 'lifo' } as const
/** These statuses carry no body. */
const withoutBody = new Set([204, 205, 304])

type Request = (url: URL, options: RequestOptions) => ReturnType<typeof requestHttp>

/**
 * A `fetch` over Node's own HTTP client, for the requests of Octokit: no redirect is followed (`redirect: 'manual'`), and the body is a text. Anything
 * else goes to the global `fetch`, whose first request leaves 20 ms later. Rejects with the errors of `node:net` and `node:tls`.
 */
export function createNodeFetch(): typeof fetch {
  const requests = new Map<string, Promise<Request>>()
  const requestFor = (protocol: string): Promise<Request> => {
    const request = requests.get(protocol) ?? openRequest(protocol)
    requests.set(protocol, request)
    return request
  }
  return async (input, init = {}) => {
    const { body = null, redirect } = init
    if (typeof input !== 'string' || redirect !== 'manual' || (body !== null && typeof body !== 'string')) {
      return fetch(input, init)
    }
    const url = new URL(input)
    return toResponse(await exchange(await requestFor(url.protocol), url, init, body))
  }
}

async function openRequest(protocol: string): Promise<Request> {
  if (protocol === 'http:') {
    const agent = new HttpAgent(agentOptions)
    return (url, options) => requestHttp(url, { ...options, agent })
  }
  const { Agent, request } = await import('node:https')
  const agent = new Agent(agentOptions)
  return (url, options) => request(url, { ...options, agent })
}

function exchange(request: Request, url: URL, init: RequestInit, body: string | null): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method: init.method ?? 'GET',
      headers: { ...plainHeaders(init.headers), 'accept-encoding': 'gzip' },
      ...(init.signal ? { signal: init.signal } : {}),
    })
    // The listener stays for an error after the answer began, which the reader of the body receives too.
    sent.on('error', reject)
    sent.on('response', resolve)
    sent.end(body ?? undefined)
  })
}

/** Does not use `Headers` unless it was given one: its first use loads the whole global `fetch`. */
function plainHeaders(headers: RequestInit['headers']): Record<string, string> {
  if (headers === undefined) return {}
  const isPlain = Object.getPrototypeOf(headers) === Object.prototype
  return isPlain ? (headers as Record<string, string>) : Object.fromEntries(new Headers(headers))
}

/** The part of Response that is used for an answer of the API. A real Response loads the whole global `fetch`. */
async function toResponse(message: IncomingMessage): Promise<Response> {
  const { statusCode: status = 0, statusMessage: statusText = '' } = message
  const isEmpty = withoutBody.has(status)
  if (isEmpty) message.resume()
  const body = isEmpty ? null : await decoded(message)
  const arrayBuffer = (): Promise<ArrayBuffer> =>
    body === null ? Promise.resolve(new ArrayBuffer(0)) : readWhole(body)
  const text = async (): Promise<string> => toText(await arrayBuffer())
  const response = {
    status,
    statusText,
    ok: status >= 200 && status < 300,
    headers: toHeaders(headerLines(message)),
    body,
    arrayBuffer,
    text,
    json: async (): Promise<unknown> => JSON.parse(await text()),
  }
  return response as unknown as Response
}

/** The part of Headers that is used for an answer of the API. */
function toHeaders(lines: [string, string][]): object {
  return Object.assign(lines, { get: (name: string) => readHeaders(lines)[name.toLowerCase()] ?? null })
}

/** Reads a list in which names and values alternate. */
function headerLines({ rawHeaders }: IncomingMessage): [string, string][] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] ?? '',
    rawHeaders[2 * index + 1] ?? '',
  ])
}

/** Rejects if the body breaks off: a part is never returned as the whole. */
function readWhole(body: Readable): Promise<ArrayBuffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    body.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      size += chunk.length
    })
    body.on('error', reject)
    body.on('close', () => reject(new Error('the answer broke off')))
    body.on('end', () => {
      const whole = new Uint8Array(size)
      let at = 0
      for (const chunk of chunks) {
        whole.set(chunk, at)
        at += chunk.length
      }
      resolve(whole.buffer)
    })
  })
}

async function decoded(message: IncomingMessage): Promise<Readable> {
  if (message.headers['content-encoding'] !== 'gzip') return message
  const { createGunzip } = await import('node:zlib')
  // An error in any stream also ends the last one, so its reader receives it.
  return pipeline(message, createGunzip(), () => undefined)
}
