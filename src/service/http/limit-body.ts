import type { Context, MiddlewareHandler } from 'hono'
import { maxContextBytes } from '../../model/flow/context-file.js'
import { maxPayloadBytes } from '../../model/flow/flow-event.js'
import { sendProblem } from './answers.js'
import type { HttpEnv } from './http-env.js'

/** Larger forms are refused. Webhooks have a limit of their own. */
const maxFormBytes = 64 * 1024
/** JSON writes a quote, a backslash and a line break as two bytes each. */
const maxEventBytes = 2 * (maxPayloadBytes + maxContextBytes)
/** What brings a payload and context files. */
const eventPaths = /^\/(?:events|flows\/[^/]+\/handoff)$/u

/** A body was larger than any valid one. Its reader rejects with it. */
export class BodyTooLarge extends Error {
  readonly maxBytes: number

  constructor(maxBytes: number) {
    super(`the body is larger than ${maxBytes} bytes`)
    this.maxBytes = maxBytes
  }
}

/**
 * Refuses a body that is larger than any valid one. Reads nothing itself, so that a request that is refused for another reason, such as a wrong
 * token, is answered before its body has arrived.
 */
export const limitBody: MiddlewareHandler<HttpEnv> = async (c, next) => {
  const maxBytes = c.req.method === 'POST' && eventPaths.test(c.req.path) ? maxEventBytes : maxFormBytes
  const declared = c.req.header('content-length')
  if (declared === undefined) boundBody(c, maxBytes)
  else if (Number(declared) > maxBytes) return sendTooLarge(c, maxBytes)
  return next()
}

export function sendTooLarge(c: Context<HttpEnv>, maxBytes: number): Response {
  return sendProblem(c, { status: 413, detail: `The body is larger than ${maxBytes} bytes.` })
}

/** A body that is sent in chunks, whose size nobody knows before. */
function boundBody(c: Context<HttpEnv>, maxBytes: number): void {
  const { raw } = c.req
  // The server makes the body of a request only when it is asked for.
  if (raw.method === 'GET' || raw.method === 'HEAD' || raw.body === null) return
  const { url, method, headers } = raw
  c.req.raw = new Request(url, { method, headers, body: bounded(raw.body, maxBytes), duplex: 'half' })
}

function bounded(body: ReadableStream<Uint8Array>, maxBytes: number): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let sizeBytes = 0
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    const next = await reader.read()
    if (next.done) return controller.close()
    sizeBytes += next.value.byteLength
    if (sizeBytes > maxBytes) controller.error(new BodyTooLarge(maxBytes))
    else controller.enqueue(next.value)
  }
  // Nothing is read ahead.
  return new ReadableStream({ pull }, { highWaterMark: 0 })
}
