import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { RemainingRequests, ServerReading } from '../../ports/host/server.js'
import type { Ask } from '../api/ask.js'
import { count, field } from '../api/fields.js'
import { needs } from '../api/permissions.js'
import { interpret, isNotFound, type Requests } from '../api/requests.js'

/**
 * GET /rate_limit, which counts towards no limit and is 404 on an Enterprise Server without limits; and GET /, because an Enterprise Server
 * names its version in a header.
 */
export async function readServer(requests: Requests, repo: RepoName): Promise<Read<ServerReading>> {
  const about = { repo, need: needs.readRepository }
  const limitAsk: Ask = { ...about, thing: 'the rate limit', path: '/rate_limit' }
  const [limitAnswer, rootAnswer] = await Promise.all([
    requests.get(limitAsk),
    requests.get({ ...about, thing: 'the API', path: '/' }),
  ])
  if (!rootAnswer.ok) return rootAnswer
  const version = rootAnswer.headers['x-github-enterprise-version'] ?? null
  if (isNotFound(limitAnswer)) return { ok: true, value: { version, limits: [] } }
  const limits = interpret(limitAsk, limitAnswer, toLimits)
  return limits.ok ? { ok: true, value: { version, limits: limits.value } } : limits
}

function toLimits(payload: unknown): RemainingRequests[] {
  const resources = field(payload, 'resources')
  return [toLimit('REST', field(resources, 'core')), toLimit('GraphQL', field(resources, 'graphql'))]
}

function toLimit(api: RemainingRequests['api'], payload: unknown): RemainingRequests {
  return {
    api,
    limit: count(payload, 'limit'),
    remaining: count(payload, 'remaining'),
    resetAt: count(payload, 'reset') * 1_000,
  }
}
