import { randomUUID } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { checkHandoff } from '../../../flows/check-request.js'
import { flowToJson } from '../../../flows/flow-json.js'
import { handOff } from '../../../flows/hand-off.js'
import { flowHint } from '../../../model/flow/flow-hint.js'
import type { FlowJson, FlowListJson } from '../../../model/wire/flows.js'
import { FlowsPage } from '../../pages/flows/flows-page.js'
import { sendJson, sendPage, sendProblem, visitorOf, wantsPage } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import { addRoute } from '../routes.js'
import { readJson, refuseSender, sendFieldProblem, sendReceived } from './flow-api.js'
import type { FlowApi } from './flow-api.js'

export function addFlowRoutes(app: Hono<HttpEnv>, api: FlowApi): void {
  addRoute(app, '/flows', { get: (c) => listFlows(c, api) })
  addRoute(app, '/flows/:name/handoff', { post: (c) => postHandoff(c, api) })
  addRoute(app, '/flows/:name/enable', { post: (c) => setEnabled(c, api, true) })
  addRoute(app, '/flows/:name/disable', { post: (c) => setEnabled(c, api, false) })
}

async function listFlows(c: Context<HttpEnv>, api: FlowApi): Promise<Response> {
  const flows = await readFlows(api)
  if (wantsPage(c)) {
    const shown = { flows, now: api.data.clock.now(), visitor: visitorOf(c), done: c.req.query('done') }
    return sendPage(c, FlowsPage(shown))
  }
  const answer: FlowListJson = { items: flows }
  return sendJson(c, answer)
}

async function postHandoff(c: Context<HttpEnv>, api: FlowApi): Promise<Response> {
  const denied = await refuseSender(c, api, 'hand work to flows')
  if (denied) return denied
  const body = await readJson(c)
  if ('refused' in body) return body.refused
  const checked = checkHandoff(body.value)
  if (!checked.ok) return sendFieldProblem(c, checked.problem)
  const flow = c.req.param('name') ?? ''
  const { id = `handoff:${randomUUID()}`, ...more } = checked.value
  const received = await handOff(api.data.flows.ports, { id, flow, source: 'client', depth: 0, ...more })
  return sendReceived(c, api, { received, flow })
}

async function setEnabled(c: Context<HttpEnv>, api: FlowApi, isEnabled: boolean): Promise<Response> {
  const denied = await refuseSender(c, api, `${isEnabled ? 'enable' : 'disable'} flows`)
  if (denied) return denied
  const flow = c.req.param('name') ?? ''
  const isFound = ({ name, shadowedBy }: FlowJson): boolean => name === flow && shadowedBy === null
  const before = await readFlows(api)
  if (!before.some(isFound)) {
    const hint = flowHint(
      flow,
      before.map(({ name }) => name),
    )
    return sendProblem(c, { status: 404, detail: `There is no flow ${JSON.stringify(flow)}. ${hint}` })
  }
  await api.data.flows.ports.store.setDisabled(flow, !isEnabled)
  if (wantsPage(c)) return c.redirect(`/flows?done=${isEnabled ? 'enable' : 'disable'}`, 303)
  const changed = (await readFlows(api)).find(isFound)
  return changed ? sendJson(c, changed) : sendProblem(c, { status: 404, detail: `The flow ${flow} was removed.` })
}

async function readFlows({ data }: FlowApi): Promise<FlowJson[]> {
  const { readFlows: read, store } = data.flows.ports
  const disabled = await store.disabledFlows()
  return (await read()).map((found) => flowToJson(found, disabled))
}
