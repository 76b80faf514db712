import type { Hono } from 'hono'
import openApi from '../../../../config/openapi.json' with { type: 'json' }
import { sendJson } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { addRoute } from '../routes.js'

/** The description of the API of events, runs and flows, which `npm run schemas` generates. */
export function addOpenApiRoute(app: Hono<HttpEnv>): void {
  addRoute(app, '/openapi.json', { get: (c) => sendJson(c, openApi) })
}
