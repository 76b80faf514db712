import { describe, expect, test } from 'vitest'
import { kindOf, tally, thatCount } from '../../bench/kinds.js'
import type { Answered } from '../../bench/stub/rest.js'
import { createStub } from '../../bench/stub/stub.js'
import type { Stub } from '../../bench/stub/stub.js'
import { World } from '../../bench/stub/world.js'

const start = Date.UTC(2026, 10, 21, 9)

interface Scene {
  stub: Stub
  ask: (line: string, options?: { body?: object; etag?: unknown }) => Promise<Answered>
  query: (
    text: string,
    variables?: object,
  ) => Promise<{ data?: unknown; errors?: { type?: string; message: string }[] }>
  pass: (ms: number) => void
}

function open(repositories: readonly string[] = ['repo1', 'repo2'], members: readonly string[] = ['repo1']): Scene {
  let now = start
  const stub = createStub(
    new World({ now: () => now, repositories, members, queueMs: () => 1_000, buildMs: () => 20_000 }),
  )
  const ask: Scene['ask'] = (line, { body, etag } = {}) => {
    const [method = '', address = ''] = line.split(' ')
    const { pathname: path, searchParams: query } = new URL(address, 'http://stub')
    const headers = new Headers({ authorization: 'Bearer ghp_bench' })
    if (typeof etag === 'string') headers.set('if-none-match', etag)
    return stub.answer({ method, path, query, headers, body: body ? JSON.stringify(body) : '' })
  }
  const query: Scene['query'] = async (text, variables = {}) =>
    (await ask('POST /graphql', { body: { query: text, variables } })).body as Awaited<ReturnType<Scene['query']>>
  return { stub, ask, query, pass: (ms) => (now += ms) }
}

async function dispatch({ ask }: Scene): Promise<number> {
  const { body } = await ask('POST /repos/acme/repo1/actions/workflows/build.yml/dispatches', {
    body: { ref: 'DPTA-1', return_run_details: true },
  })
  return (body as { workflow_run_id: number }).workflow_run_id
}

describe("the benchmark's stub", () => {
  test('lets a run wait, build and complete as time passes', async () => {
    const scene = open()
    const id = await dispatch(scene)
    const seen: unknown[] = []
    for (const ms of [0, 999, 1, 19_999, 1]) {
      scene.pass(ms)
      const { body } = await scene.ask(`GET /repos/acme/repo1/actions/runs/${id}`)
      const { status, conclusion } = body as { status: string; conclusion: string | null }
      seen.push([status, conclusion])
    }
    expect(seen).toEqual([
      ['queued', null],
      ['queued', null],
      ['in_progress', null],
      ['in_progress', null],
      ['completed', 'success'],
    ])
  })

  test('answers 304 to what has not changed, and does not count it', async () => {
    const scene = open()
    const id = await dispatch(scene)
    const address = `GET /repos/acme/repo1/actions/runs/${id}`
    const first = await scene.ask(address)
    const { etag } = first.headers ?? {}
    const same = await scene.ask(address, { etag })
    scene.pass(1_000)
    const changed = await scene.ask(address, { etag })
    expect([first.status, same.status, changed.status]).toEqual([200, 304, 200])
    expect(scene.stub.log).toHaveLength(4)
    expect(tally(scene.stub.log)).toBe('2 × reading of a run, 1 × dispatch, 1 × reading of a run, unchanged (304)')
    expect(thatCount(scene.stub.log)).toHaveLength(3)
    expect(changed.headers).toMatchObject({ 'x-ratelimit-used': '3', 'x-ratelimit-remaining': '4997' })
  })

  test('the stub reports what a status was for', async () => {
    const scene = open()
    const sha = scene.stub.world.repositories[0]?.headSha ?? ''
    for (const context of ['orchestrator-build', 'orchestrator-build/repo1'])
      await scene.ask(`POST /repos/acme/repo1/statuses/${sha}`, { body: { state: 'success', context } })
    expect(scene.stub.log.map(kindOf)).toEqual(['status success', 'status of a job'])
  })

  test('the stub answers the same by GraphQL as by REST', async () => {
    const scene = open()
    const id = await dispatch(scene)
    const sha = scene.stub.world.repositories[0]?.headSha ?? ''
    await scene.ask(`POST /repos/acme/repo1/statuses/${sha}`, { body: { state: 'pending', description: 'run:x' } })
    scene.pass(1_000)
    const { data, errors } = await scene.query(
      `query Look($name: String!, $branch: String!) {
        viewer { login }
        repository(owner: "acme", name: $name, followRenames: false) {
          ref(qualifiedName: "refs/heads/DPTA-1") { target { oid ... on Commit {
            status { context(name: "default") { state description createdAt } }
            checkSuites(first: 5) { nodes { status conclusion workflowRun { id url } } }
          } } }
          object(expression: "HEAD:.github/workflows/build.yml") { ... on Blob { text isTruncated } }
          pullRequests(headRefName: $branch, states: OPEN, first: 5) { nodes { number headRefOid } }
        }
      }`,
      { name: 'repo1', branch: 'DPTA-1' },
    )
    expect(errors).toBeUndefined()
    expect(data).toMatchObject({
      viewer: { login: 'builder' },
      repository: {
        ref: {
          target: {
            oid: sha,
            status: {
              context: { state: 'PENDING', description: 'run:x', createdAt: '2026-11-21T09:00:00Z' },
            },
            checkSuites: {
              nodes: [
                {
                  status: 'IN_PROGRESS',
                  conclusion: null,
                  workflowRun: { id: `WFR_${id}`, url: `https://github.com/acme/repo1/actions/runs/${id}` },
                },
              ],
            },
          },
        },
        object: { text: expect.stringContaining('workflow_dispatch') as string, isTruncated: false },
        pullRequests: { nodes: [{ number: 7, headRefOid: sha }] },
      },
    })
    expect(scene.stub.log.at(-1)).toMatchObject({ route: 'POST /graphql Look', counts: true })
  })

  test('answers what it knows and names what is not there', async () => {
    const scene = open()
    const { data, errors } = await scene.query(
      `{ a: repository(owner: "acme", name: "repo2") { ref(qualifiedName: "DPTA-1") { name } }
         b: repository(owner: "acme", name: "none") { name } }`,
    )
    expect(data).toEqual({ a: { ref: null }, b: null })
    expect(errors).toMatchObject([{ type: 'NOT_FOUND', path: ['b'] }])
  })

  test('takes a hundred ids at most', async () => {
    const scene = open()
    const id = await dispatch(scene)
    const text = 'query ($ids: [ID!]!) { nodes(ids: $ids) { ... on WorkflowRun { checkSuite { status } } } }'
    const ids = (count: number): object => ({ ids: Array.from({ length: count }, () => `WFR_${id}`) })
    const many = (await scene.query(text, ids(100))).data as { nodes: object[] }
    expect(many.nodes).toHaveLength(100)
    expect((await scene.query(text, ids(101))).errors).toMatchObject([{ type: 'ARGUMENT_LIMIT' }])
  })

  test("refuses what GitHub's schema does not have", async () => {
    const scene = open()
    expect((await scene.query('{ repository(owner: "acme", name: "repo1") { heads } }')).errors).toMatchObject([
      { message: expect.stringContaining('heads') as string },
    ])
  })

  test('remembers whatever it had no answer to', async () => {
    const scene = open()
    await scene.ask('GET /repos/acme/repo1/deployments')
    await scene.query('{ repository(owner: "acme", name: "repo1") { homepageUrl } }')
    expect([...scene.stub.unanswered]).toEqual(['GET /repos/acme/repo1/deployments', 'Repository.homepageUrl'])
  })
})
