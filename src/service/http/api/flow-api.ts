import type { Context } from 'hono'
import type { FieldProblem } from '../../../flows/check-request.js'
import { eventToJson, runToJson } from '../../../flows/flow-json.js'
import type { HandedOff } from '../../../flows/hand-off.js'
import { assertNever } from '../../../lib/assert-never.js'
import { parseJson } from '../../../lib/parse-json.js'
import { repositoriesOf } from '../../../model/graph.js'
import type { FlowEvent } from '../../../model/flow/flow-event.js'
import type { FlowRun } from '../../../model/flow/flow-run.js'
import type { DispatchedEventJson } from '../../../model/wire/flows.js'
import type { PagesData } from '../../pages/pages-data.js'
import { sendJson, sendProblem } from '../answers.js'
import type { HttpEnv } from '../http-env.js'
import type { Permissions } from '../login/permissions.js'
import { refuseAccess } from '../refuse-access.js'
import type { Streams } from '../streams.js'

/** What the routes of events, runs and flows need. */
export interface FlowApi {
  data: PagesData
  permissions: Permissions
  streams: Streams
}

/** The answer to somebody who may not start or change flows, which can build any change; null: they may. `action`: `send events`. */
export async function refuseSender(
  c: Context<HttpEnv>,
  { data, permissions }: FlowApi,
  action: string,
): Promise<Response | null> {
  return refuseAccess(c, await permissions.mayWrite(c.var.caller, repositoriesOf(data.graph)), action)
}

/** The body of a request as JSON; `refused`: the answer to one that is not JSON. */
export async function readJson(c: Context<HttpEnv>): Promise<{ value: unknown } | { refused: Response }> {
  const bytes = await c.req.arrayBuffer()
  const refuse = (why: string): { refused: Response } => ({
    refused: sendProblem(c, { status: 400, detail: `The body is not valid JSON: ${why}.` }),
  })
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return refuse('it is not UTF-8')
  }
  const parsed = parseJson(text)
  return parsed.ok ? { value: parsed.value } : refuse(parsed.problem)
}

/** The answer to a request with a field that is not valid. */
export function sendFieldProblem(c: Context<HttpEnv>, { field, problem, isTooLarge }: FieldProblem): Response {
  const detail = field === '' ? `The body is not valid: ${problem}.` : `${field}: ${problem}.`
  return sendProblem(c, { status: isTooLarge ? 413 : 400, detail, field })
}

/** The answer to an event that was sent or handed to a flow. `flow`: the one that it was handed to. Starts what it starts. */
export async function sendReceived(
  c: Context<HttpEnv>,
  { data }: FlowApi,
  { received, flow }: { received: HandedOff; flow: string },
): Promise<Response> {
  const conflict = (detail: string, field?: string): Response =>
    sendProblem(c, { status: 409, detail, ...(field === undefined ? {} : { field }) })
  switch (received.kind) {
    case 'accepted':
      await data.flows.advance(received.runs.map((run) => run.flow))
      return sendJson(c, dispatchedJson(received), 202)
    case 'known':
      return sendJson(c, dispatchedJson(received))
    case 'conflict': {
      const { event, field } = received
      return conflict(`Another event has the id ${JSON.stringify(event.id)}: its ${field} differs.`, field)
    }
    case 'unsupported':
      return conflict(`This service cannot execute the flow ${received.flow}: ${received.why}. Nothing was kept.`)
    case 'unknown-flow':
      return sendProblem(c, {
        status: 404,
        detail: `There is no flow ${JSON.stringify(flow)}. ${received.hint}`,
      })
    case 'disabled':
      return conflict(`The flow ${flow} is disabled. Enable it, then hand the work on again.`)
    case 'no-dispatch':
      return conflict(`The flow ${flow} does not accept handoffs: its file has no dispatch: true.`)
    case 'too-deep':
      return conflict(`Flows hand on to each other without an end: ${flow} was reached too often.`)
    default:
      return assertNever(received)
  }
}

export function dispatchedJson({ event, runs }: { event: FlowEvent; runs: readonly FlowRun[] }): DispatchedEventJson {
  return { event: eventToJson(event), runs: runs.map(runToJson) }
}
