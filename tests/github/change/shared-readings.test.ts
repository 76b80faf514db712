import { parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import type { RepositoryReading } from '../../../src/model/change.js'
import type { Host } from '../../../src/ports/host/host.js'
import { publicSchema } from '../support/graphql-from-rest.js'
import { json, ScriptedGitHub, type Reply } from '../support/scripted-github.js'

const headOf = (branch: string): string => branch.replace(/\D/gu, '').padStart(40, '0')
const main = 'f'.repeat(40)

interface Sent {
  query: string
  variables: Record<string, string>
}

interface Answered {
  data: Record<string, Record<string, unknown>>
  errors?: object[]
}

const pullOf = (branch: string, number: number): object => ({
  number,
  url: `https://github.com/acme/lib/pull/${number}`,
  title: branch,
  headRefName: branch,
  headRefOid: headOf(branch),
  baseRefName: 'main',
  isDraft: false,
  isMergeQueueEnabled: false,
  isCrossRepository: false,
  updatedAt: '2026-11-21T08:00:00Z',
  headRepository: { id: 'R_1' },
})

const refOf = (branch: string): object => ({
  prefix: 'refs/heads/',
  name: branch,
  target: { __typename: 'Commit', oid: headOf(branch), status: null },
})

/** A repository in which each branch `DPTA-<n>` has the pull request `n`; those after the first 100 are on a second page. */
class ManyChanges {
  readonly server = new ScriptedGitHub()
  readonly github: Host
  readonly branches: readonly string[]
  readonly queries: Sent[] = []
  change: (answer: Answered, sent: Sent) => Answered | Reply = (answer) => answer

  constructor(count: number) {
    this.branches = Array.from({ length: count }, (_, index) => `DPTA-${index + 1}`)
    this.server.on('POST /graphql', (request, signal) => {
      const sent = request.body as Sent
      this.queries.push(sent)
      const changed = this.change({ data: this.answer(sent) }, sent)
      return (typeof changed === 'function' ? changed : json(200, changed))(request, signal)
    })
    this.github = this.server.github()
  }

  private answer({ variables }: Sent): Answered['data'] {
    const first = variables['after'] === undefined
    const shown = this.branches.slice(first ? 0 : 100, first ? 100 : undefined)
    const hasNextPage = first && this.branches.length > 100
    const pullRequests = {
      pageInfo: { hasNextPage, endCursor: hasNextPage ? 'page 2' : null },
      nodes: shown.map((branch) => pullOf(branch, Number(branch.slice('DPTA-'.length)))),
    }
    const branches = Object.entries(variables).flatMap(([key, value]) =>
      /^(?:b\d+|ref)$/u.test(key) ? [[key, refOf(value.slice('refs/heads/'.length))] as const] : [],
    )
    const repository = {
      nameWithOwner: 'acme/lib',
      isArchived: false,
      defaultBranchRef: { name: 'main', target: { __typename: 'Commit', oid: main } },
      pullRequests,
      ...Object.fromEntries(branches),
    }
    return { r0: repository }
  }

  /** Reads changes again at the same time. */
  async readAgain(branches = this.branches, more: object = {}): Promise<RepositoryReading[]> {
    this.queries.length = 0
    this.server.requests.length = 0
    const repositories = [{ repo: 'acme/lib', workflows: [] }]
    const queries = branches.map((branch) => ({
      branch,
      statusContext: 'orchestrator-build',
      repositories,
      repeated: 1,
      ...more,
    }))
    return (await this.server.clock.until(Promise.all(queries.map((query) => this.github.readChange(query))))).flat()
  }
}

/** Changes that were each read again once, so that their readings share requests from then on. */
async function watching(count: number): Promise<ManyChanges> {
  const changes = new ManyChanges(count)
  await changes.readAgain()
  return changes
}

const kinds = (readings: readonly RepositoryReading[]): string[] =>
  readings.map((reading) => (reading.kind === 'read' ? 'read' : reading.failure.kind))

test('changes that are watched together are read by one query, and each reading is as if it was made alone', async () => {
  const changes = await watching(12)
  const together = await changes.readAgain()
  expect(changes.queries).toHaveLength(1)
  expect(validate(publicSchema(), parse(changes.queries[0]!.query))).toEqual([])

  const alone = new ManyChanges(12)
  const single = await Promise.all(alone.branches.map((branch) => alone.readAgain([branch], { repeated: 0 })))
  expect(together).toEqual(single.flat())
  expect(together[6]).toMatchObject({ headSha: headOf('DPTA-7'), pullRequests: [{ number: 7 }] })
})

test('the pages of the open pull requests are read once for all changes that are read together', async () => {
  const changes = await watching(130)
  const readings = await changes.readAgain()
  expect(kinds(readings)).toEqual(Array<string>(130).fill('read'))
  expect(readings[120]).toMatchObject({ pullRequests: [{ number: 121 }] })
  const sizes = changes.queries.map(({ variables }) => Object.keys(variables).filter((key) => /^b\d/u.test(key)).length)
  expect(sizes.sort((a, b) => b - a)).toEqual([100, 30, 0])
})

test('few changes share no request', async () => {
  const changes = await watching(3)
  await changes.readAgain()
  expect(changes.queries).toHaveLength(3)
})

test('a reading of more than what every reading contains shares no request', async () => {
  const changes = await watching(12)
  await changes.readAgain(['DPTA-1', 'DPTA-2'], { mergeability: true })
  expect(changes.queries.filter(({ query }) => query.includes('ReadChanges'))).toEqual([])
})

test('an error about one branch concerns only the change of that branch', async () => {
  const changes = await watching(12)
  changes.server.on('GET /repos/acme/lib', json(500, { message: 'no' }))
  changes.server.on('GET /repos/acme/lib/git/ref/heads/DPTA-3', json(500, { message: 'no' }))
  changes.server.on('GET /repos/acme/lib/git/matching-refs/heads/DPTA-3', json(500, { message: 'no' }))
  changes.server.on('GET /repos/acme/lib/pulls', json(500, { message: 'no' }))
  changes.change = ({ data }) => ({
    data: { r0: { ...data['r0'], b2: null } },
    errors: [{ path: ['r0', 'b2'], type: 'SOMETHING', message: 'no' }],
  })
  const readings = kinds(await changes.readAgain())
  expect(readings[2]).toBe('server-error')
  expect(readings.filter((kind) => kind === 'read')).toHaveLength(11)
})

test('a query for many changes that is too much for the server is halved', async () => {
  const changes = await watching(24)
  changes.change = (answer, { variables }) => ('b12' in variables ? json(502, { message: 'Server Error' }) : answer)
  const readings = await changes.readAgain()
  expect(kinds(readings)).toEqual(Array<string>(24).fill('read'))
})

test('changes are unreadable together when the query gets no answer', async () => {
  const changes = await watching(12)
  changes.change = () => json(401, { message: 'Bad credentials' })
  expect(new Set(kinds(await changes.readAgain()))).toEqual(new Set(['unauthorized']))
})
