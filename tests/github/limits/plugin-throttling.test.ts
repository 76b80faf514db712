import { throttling } from '@octokit/plugin-throttling'
import { Octokit } from '@octokit/rest'
import { expect, test } from 'vitest'
import { shortestSecondaryPause } from '../../../src/github/limits/pause.js'
import { readRateLimit } from '../../../src/github/limits/rate-limit.js'

const ThrottledOctokit = Octokit.plugin(throttling)

interface Limit {
  kind: 'primary' | 'secondary'
  waitMs: number
}

/** The limit that @octokit/plugin-throttling recognizes in an answer; null: none. */
async function readByPlugin(isGraphQL: boolean, answer: Response): Promise<Limit | null> {
  const limits: Limit[] = []
  const note =
    (kind: Limit['kind']) =>
    (seconds: number): boolean => {
      limits.push({ kind, waitMs: seconds * 1000 })
      return false
    }
  const nothing = (): undefined => undefined
  const octokit = new ThrottledOctokit({
    log: { debug: nothing, info: nothing, warn: nothing, error: nothing },
    request: { fetch: () => Promise.resolve(answer) },
    throttle: { onRateLimit: note('primary'), onSecondaryRateLimit: note('secondary') },
  })
  const route = isGraphQL ? 'POST /graphql' : 'GET /user'
  await octokit.request(route).catch((error: unknown) => {
    if (!(error instanceof Error && 'response' in error)) throw error
  })
  return limits[0] ?? null
}

const statuses = [200, 403, 404, 429, 500]
const messages = ['You have exceeded a secondary rate limit.', 'API rate limit exceeded for user ID 1.', 'Not Found']
const rests = statuses.flatMap((status) =>
  messages.flatMap((message) =>
    ['0', '5'].flatMap((remaining) =>
      [null, '90'].map((retryAfter) => ({ isGraphQL: false, status, body: { message }, remaining, retryAfter })),
    ),
  ),
)
const graphQLs = [
  { type: 'RATE_LIMITED', message: 'API rate limit exceeded' },
  { type: 'NOT_FOUND', message: 'Could not resolve to a Repository' },
].map((error) => ({ isGraphQL: true, status: 200, body: { errors: [error] }, remaining: '0', retryAfter: null }))

test('every rate limit of plugin-throttling is a rate limit of the same kind here, with at least the same wait', async () => {
  let limits = 0
  for (const { isGraphQL, status, body, remaining, retryAfter } of [...rests, ...graphQLs]) {
    const now = Math.floor(Date.now() / 1000) * 1000
    const headers = {
      'content-type': 'application/json',
      'x-ratelimit-remaining': remaining,
      'x-ratelimit-reset': String(now / 1000 + 40),
      ...(retryAfter === null ? {} : { 'retry-after': retryAfter }),
    }
    const expected = await readByPlugin(isGraphQL, new Response(JSON.stringify(body), { status, headers }))
    if (expected === null) continue
    limits += 1
    const limit = readRateLimit({ status, headers, body }, now, isGraphQL)
    const what = JSON.stringify({ status, body, headers })
    expect(limit, what).not.toBeNull()
    // By GitHub's documentation, the reset counts when nothing is left of the hour. The plugin decides by the message.
    const isUntilReset = remaining === '0'
    const leastMs = isUntilReset && retryAfter === null ? 40_000 : expected.waitMs
    expect(limit?.waitMs ?? shortestSecondaryPause, what).toBeGreaterThanOrEqual(leastMs)
    expect(limit?.kind, what).toBe(isUntilReset ? 'primary' : expected.kind)
  }
  expect(limits).toBeGreaterThan(10)
})
