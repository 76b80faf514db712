import type { Context, MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
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

const limitForm = limitTo(maxFormBytes)
const limitEvent = limitTo(maxEventBytes)

/** Refuses a body that is larger than any valid one. */
export const limitBody: MiddlewareHandler<HttpEnv> = (c, next) =>
  c.req.method === 'POST' && eventPaths.test(c.req.path) ? limitEvent(c, next) : limitForm(c, next)

function limitTo(maxSize: number): MiddlewareHandler<HttpEnv> {
  return bodyLimit({
    maxSize,
    onError: (c: Context<HttpEnv>) =>
      sendProblem(c, { status: 413, detail: `The body is larger than ${maxSize} bytes.` }),
  })
}
