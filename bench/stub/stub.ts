import { createHash } from 'node:crypto'
import { answerGraphQL } from './graphql.js'
import { answerRest } from './rest.js'
import type { Answered, Asked } from './rest.js'
import type { World } from './world.js'

/** One request that the stub received. */
export interface Logged {
  /** ms since the epoch, UTC. */
  at: number
  /** Method and pattern of the path below the repository; for GraphQL, `POST /graphql` and the name of the operation. */
  route: string
  path: string
  body: string
  status: number
  /** Whether the request counts against the hourly limit: a 304 does not. */
  counts: boolean
}

export interface Stub {
  readonly world: World
  /** In the order of their arrival. */
  readonly log: readonly Logged[]
  /** Requests that the stub does not support. If there are any, the figure is invalid. */
  readonly unanswered: ReadonlySet<string>
  answer: (asked: Asked) => Promise<Answered>
}

const hourlyLimit = 5_000

/** The part of GitHub that the benchmark needs: a world behind REST and GraphQL, with ETags and a log of the requests. */
export function createStub(world: World): Stub {
  const log: Logged[] = []
  const unanswered = new Set<string>()
  const limit = createLimit()
  const answer = async (asked: Asked): Promise<Answered> => {
    const at = world.now()
    const { route, answer } = await findAnswer(world, asked, unanswered)
    const final = asked.method === 'GET' && answer.status === 200 ? withETag(asked, answer) : answer
    const counts = final.status !== 304
    log.push({ at, route, path: asked.path, body: asked.body, status: final.status, counts })
    return { ...final, headers: { ...limit(at, counts), ...final.headers } }
  }
  return { world, log, unanswered, answer }
}

async function findAnswer(
  world: World,
  asked: Asked,
  unanswered: Set<string>,
): Promise<{ route: string; answer: Answered }> {
  if (!/^(bearer|token) .+/iu.test(asked.headers.get('authorization') ?? ''))
    return { route: 'without a token', answer: { status: 401, body: { message: 'Bad credentials' } } }
  if (asked.method === 'POST' && asked.path === '/graphql') {
    const { operation, body, unanswered: unknown } = await answerGraphQL(world, asked.body)
    for (const field of unknown) unanswered.add(field)
    return { route: `POST /graphql ${operation}`, answer: { status: 200, body } }
  }
  const known = answerRest(world, asked)
  if (known) return known
  unanswered.add(`${asked.method} ${asked.path}`)
  return { route: 'unknown', answer: { status: 404, body: { message: 'Not Found' } } }
}

function withETag(asked: Asked, answer: Answered): Answered {
  const etag = `W/"${createHash('sha256').update(JSON.stringify(answer.body)).digest('hex')}"`
  if (asked.headers.get('if-none-match') === etag) return { status: 304, body: null, headers: { etag } }
  return { ...answer, headers: { ...answer.headers, etag } }
}

/** Returns the headers of the hourly limit. A window begins with the first request after the previous window. */
function createLimit(): (at: number, counts: boolean) => Record<string, string> {
  let used = 0
  let resetsAt = -Infinity
  return (at, counts) => {
    if (at >= resetsAt) {
      used = 0
      resetsAt = at + 3_600_000
    }
    if (counts) used += 1
    return {
      date: new Date(at).toUTCString(),
      'x-ratelimit-limit': String(hourlyLimit),
      'x-ratelimit-remaining': String(Math.max(0, hourlyLimit - used)),
      'x-ratelimit-used': String(used),
      'x-ratelimit-reset': String(Math.ceil(resetsAt / 1000)),
      'x-github-media-type': 'github.v3; format=json',
      'x-oauth-scopes': 'repo, workflow',
    }
  }
}
