import { describe, expect, test } from 'vitest'
import {
  answering,
  heads,
  kinds,
  names,
  queryOf,
  refHead,
  repositoryOf,
  server,
} from '../../support/graphql-answers.js'
import type { Sent } from '../../support/graphql-answers.js'
import { json } from '../../support/scripted-github.js'
import type { Reply } from '../../support/scripted-github.js'

describe('a planning query', () => {
  const contextOf = (context: string, login: string, __typename = 'User') => ({
    state: 'SUCCESS',
    context,
    description: 'x',
    targetUrl: null,
    createdAt: '2026-11-21T08:00:00Z',
    creator: { __typename, login },
  })
  const suite = {
    status: 'COMPLETED',
    conclusion: 'SUCCESS',
    workflowRun: {
      url: 'https://github.com/acme/lib-0/actions/runs/30433642001',
      createdAt: '2026-11-21T08:00:00Z',
      updatedAt: '2026-11-21T08:05:00Z',
      workflow: { resourcePath: '/acme/lib-0/actions/workflows/build.yml', state: 'DISABLED_MANUALLY' },
    },
  }
  const target = {
    ...refHead.ref.target,
    status: {
      contexts: [
        contextOf('orchestrator-build', 'octocat'),
        contextOf('orchestrator-build/lib', 'github-actions', 'Bot'),
      ],
    },
    suites: { nodes: [suite, { status: 'QUEUED', conclusion: null, workflowRun: null }] },
  }
  const member = (changed: object = {}) => ({ ref: { ...refHead.ref, target }, ...changed })
  const read = async (changed: object, more: object = {}) => {
    const it = server(answering((name) => repositoryOf(name, changed), more))
    const [reading] = await it.github().readChange(queryOf(names(1), { jobStatuses: true }))
    if (reading?.kind !== 'read') throw new Error(reading?.failure.message)
    return reading
  }

  test("a planning query returns the jobs' statuses, with a bot's name as in the REST API", async () => {
    const { status, jobStatuses } = await read(member())
    expect(status).toMatchObject({ id: null, context: 'orchestrator-build', creator: 'octocat', state: 'success' })
    expect(jobStatuses).toMatchObject([{ context: 'orchestrator-build/lib', creator: 'github-actions[bot]' }])
  })

  test('a planning query returns the runs of the head, with the id from their URL', async () => {
    expect((await read(member())).runs).toEqual([
      {
        runId: 30433642001,
        url: suite.workflowRun.url,
        workflow: 'build.yml',
        workflowState: 'disabled',
        headSha: heads.head,
        status: 'completed',
        conclusion: 'success',
        createdAt: Date.UTC(2026, 10, 21, 8),
        updatedAt: Date.UTC(2026, 10, 21, 8, 5),
      },
    ])
  })

  test('a planning query without access to checks returns everything else, and later queries do not request checks', async () => {
    const error = { type: 'FORBIDDEN', message: 'no', path: ['r0', 'ref', 'target', 'suites'] }
    const hidden = { ref: { ...refHead.ref, target: { ...target, suites: null } } }
    const it = server(answering((name) => repositoryOf(name, hidden), { errors: [error] }))
    const github = it.github()
    const query = queryOf(names(1), { jobStatuses: true })
    const [reading] = await github.readChange(query)
    expect(reading).toMatchObject({ kind: 'read', headSha: heads.head })
    expect(reading).not.toHaveProperty('runs')
    await github.readChange(query)
    const texts = it.requests.map(({ body }) => (body as Sent).query.includes('checkSuites'))
    expect(texts).toEqual([true, false])
  })

  const commitsOf = (total: number, ...oids: string[]) => ({
    totalCount: total,
    nodes: oids.map((oid) => ({ commit: { oid, status: { context: contextOf('orchestrator-build', 'octocat') } } })),
  })
  const pull = (commits: object, forced: object[] = []) => ({
    isCrossRepository: false,
    commits,
    timelineItems: { nodes: forced },
  })
  const old = 'c'.repeat(40)

  test('a planning query returns the statuses of earlier heads if the pull requests prove that the list is complete', async () => {
    const nodes = [pull(commitsOf(2, old, heads.head))]
    const { earlierStatuses } = await read(member({ earlier: { totalCount: 1, nodes } }))
    expect(earlierStatuses).toMatchObject([{ headSha: old, status: { state: 'success' } }])
  })

  test.each([
    [
      'a push by force',
      { totalCount: 1, nodes: [pull(commitsOf(1, old), [{ __typename: 'HeadRefForcePushedEvent' }])] },
    ],
    ['more commits than were listed', { totalCount: 1, nodes: [pull(commitsOf(21, old))] }],
    ['more pull requests than were listed', { totalCount: 3, nodes: [pull(commitsOf(1, old))] }],
  ])('a planning query returns no statuses of earlier heads after %s', async (_, earlier) => {
    expect(await read(member({ earlier }))).not.toHaveProperty('earlierStatuses')
  })

  test("a planning query returns the login of the token's user, which is not requested again", async () => {
    const it = server(answering(undefined))
    const withViewer: Reply = (request, signal) =>
      json(200, { data: { viewer: { login: 'octocat' }, r0: repositoryOf('lib-0') } })(request, signal)
    it.on('POST /graphql', withViewer)
    const github = it.github()
    await github.readChange(queryOf(names(1), { jobStatuses: true }))
    expect(await github.login('acme/lib')).toEqual({ ok: true, value: 'octocat' })
    expect(it.asked()).toEqual(['POST /graphql'])
  })

  test("a planning query returns everything else when the token's user is hidden", async () => {
    const error = { type: 'FORBIDDEN', message: 'no', path: ['viewer'] }
    const it = server(json(200, { data: null, errors: [error] }), answering())
    const github = it.github()
    expect(kinds(await github.readChange(queryOf(names(1), { jobStatuses: true })))).toEqual(['read'])
    expect(kinds(await github.readChange(queryOf(names(1), { jobStatuses: true })))).toEqual(['read'])
    expect(it.requests.map(({ body }) => (body as Sent).query.includes('viewer'))).toEqual([true, false, false])
  })
})
