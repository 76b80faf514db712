import { createHash } from 'node:crypto'
import type { Hono } from 'hono'
import { icon } from '../pages/icon.js'
import { script } from '../pages/script.js'
import { style } from '../pages/style.js'
import type { HttpEnv } from './http-env.js'
import { addRoute } from './routes.js'

const files = [
  { path: '/static/orch.css', type: 'text/css; charset=UTF-8', text: style },
  { path: '/static/orch.svg', type: 'image/svg+xml', text: icon },
  { path: '/static/orch.js', type: 'text/javascript; charset=UTF-8', text: script },
]

/** The style sheet and the script of the pages. A browser asks each time whether they have changed. */
export function addStaticFiles(app: Hono<HttpEnv>): void {
  for (const { path, type, text } of files) {
    const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
    const headers = { 'Content-Type': type, ETag: etag, 'Cache-Control': 'no-cache' }
    addRoute(app, path, {
      get: (c) => (c.req.header('if-none-match') === etag ? c.body(null, 304, headers) : c.body(text, 200, headers)),
    })
  }
}
