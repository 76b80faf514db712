import { describe, expect, test } from 'vitest'
import { json, ScriptedGitHub, type Reply } from '../support/scripted-github.js'

const query = {
  branch: 'DPTA-1',
  statusContext: 'orchestrator-build',
  repositories: [{ repo: 'acme/lib', workflows: [] as string[] }],
}

/** A readable repository without the branch. */
const repository = {
  nameWithOwner: 'acme/lib',
  isArchived: false,
  defaultBranchRef: { name: 'main', target: { __typename: 'Commit', oid: '1'.repeat(40) } },
  ref: null,
  pullRequests: { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] },
  earlier: { totalCount: 0, nodes: [] },
}
const answer = json(200, { data: { r0: repository } })

describe('a rate limit of GraphQL', () => {
  test.each<[string, Reply]>([
    ['a secondary limit as 403', json(403, { message: 'You have exceeded a secondary rate limit' })],
    ['a secondary limit as 403 with retry-after', json(403, { message: 'slow down' }, { 'retry-after': '7' })],
    [
      'a used-up primary limit as 403',
      json(403, { message: 'API rate limit exceeded' }, { 'x-ratelimit-limit': '5000', 'x-ratelimit-remaining': '0' }),
    ],
    ['429', json(429, { message: 'too many requests' })],
  ])('readings use GraphQL again after a rate limit (%s), even if it is repeated', async (_, limited) => {
    const refusals: string[] = []
    let isLimited = true
    const it = new ScriptedGitHub().on('POST /graphql', (...args) => (isLimited ? limited : answer)(...args))
    const github = it.github({ onGraphQLRefused: (reason) => refusals.push(reason) })
    const [first] = await it.clock.until(github.readChange(query))
    expect(first).toMatchObject({ kind: 'unreadable', failure: { kind: 'rate-limited' } })
    isLimited = false
    const [second] = await it.clock.until(github.readChange(query))
    expect(second).toMatchObject({ kind: 'read', repo: 'acme/lib' })
    expect(refusals).toEqual([])
    expect(new Set(it.asked())).toEqual(new Set(['POST /graphql']))
  })
})
