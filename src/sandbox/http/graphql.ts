import type { GraphqlTrouble } from '../fault-answers.js'
import type { QueryRequest } from '../graphql/execute.js'
import { timestamp } from '../present/common.js'
import type { World } from '../world.js'
import { authenticate } from './access.js'
import type { Answer } from './answer.js'
import { failure, json } from './answer.js'
import type { View } from './api.js'
import type { Body } from './body.js'
import { isObject, parseBody } from './body.js'
import type { Actor } from './call.js'
import { plainResponse } from './plain-messages.js'
import { limitHeaders } from './rate-limits.js'

interface GraphqlCall {
  view: View
  trouble: GraphqlTrouble
  /** Of the request. */
  id: string
}

/** Answers `POST /graphql`. The first request loads the GraphQL library. */
export async function answerGraphql(call: GraphqlCall, request: Request): Promise<Response> {
  const { world } = call.view
  const auth = authenticate(world, request.headers.get('authorization'))
  if (!auth.ok) return respond(call, null, auth.answer)
  if (auth.value === null) return respond(call, null, failure(401, 'This endpoint requires you to be authenticated.'))
  const actor = auth.value
  try {
    return respond(call, actor, await answer(call, actor))
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
    return respond(call, actor, failure(500, `Server Error: the sandbox failed: ${reason}`))
  }
}

async function answer(call: GraphqlCall, actor: Actor): Promise<Answer> {
  const { world, runsUntil, text } = call.view
  const body = parseBody(text)
  if (!body.ok) return body.answer
  const request = readRequest(body.value)
  if (request === null)
    return json({ errors: [{ message: 'A query attribute must be specified and must be a string.' }] })
  const account = actor.account.id
  if (world.limits.read(account, 'graphql').remaining === 0) return limitExceeded(account)
  const { executeQuery, prepareQuery } = await import('../graphql/execute.js')
  const prepared = prepareQuery(request)
  if (!prepared.ok) return json(prepared.answer)
  const { cost } = prepared.query
  world.limits.count(account, 'graphql', cost.cost)
  if (cost.repositories > call.trouble.mostRepositories) return tookTooLong(call.id)
  const context = {
    world,
    runsUntil,
    actor,
    failing: call.trouble.failing,
    rateLimit: rateLimitOf(world, account, cost),
  }
  return json(await executeQuery(prepared.query, context))
}

function readRequest({ query, operationName, variables }: Body): QueryRequest | null {
  if (typeof query !== 'string') return null
  return {
    query,
    operationName: typeof operationName === 'string' && operationName !== '' ? operationName : null,
    variables: isObject(variables) ? variables : {},
  }
}

function rateLimitOf(
  world: World,
  account: number,
  { cost, nodeCount }: { cost: number; nodeCount: number },
): { cost: number; nodeCount: number; limit: number; remaining: number; used: number; resetAt: string } {
  const { limit, remaining, used, reset } = world.limits.read(account, 'graphql')
  return { cost, nodeCount, limit, remaining, used, resetAt: timestamp(reset) }
}

/** Returns GraphQL errors with HTTP 200, as GitHub does. */
function limitExceeded(account: number): Answer {
  const message = `API rate limit already exceeded for user ID ${account}.`
  return json({ errors: [{ type: 'RATE_LIMITED', code: 'graphql_rate_limit', message }] })
}

function tookTooLong(id: string): Answer {
  const message = `Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug. Please include \`${id}\` when reporting this issue.`
  return json({ data: null, errors: [{ message }] }, 502)
}

function respond({ view, id }: GraphqlCall, actor: Actor | null, { status, body, headers }: Answer): Response {
  const { clock, limits } = view.world
  return plainResponse(JSON.stringify(body), {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'x-github-media-type': 'github.v4; format=json',
      'x-github-request-id': id,
      'x-content-type-options': 'nosniff',
      date: new Date(clock.now()).toUTCString(),
      ...(status < 500 && limitHeaders(limits.read(actor?.account.id ?? null, 'graphql'), 'graphql')),
      ...headers,
    },
  })
}
