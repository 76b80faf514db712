import type { Context, Hono } from 'hono'
import { sendProblem } from './answers.js'
import type { HttpEnv } from './http-env.js'

export type Handler = (c: Context<HttpEnv>) => Response | Promise<Response>

/** Registers what a path answers. HEAD is answered like GET, without a body; every other method with 405. */
export function addRoute(app: Hono<HttpEnv>, path: string, handlers: { get?: Handler; post?: Handler }): void {
  const { get, post } = handlers
  if (get) app.get(path, get)
  if (post) app.post(path, post)
  const allowed = [...(get ? ['GET', 'HEAD'] : []), ...(post ? ['POST'] : [])].join(', ')
  app.all(path, (c) =>
    sendProblem(c, {
      status: 405,
      detail: `${c.req.method} is not allowed here. Use ${allowed}.`,
      headers: { Allow: allowed },
    }),
  )
}
