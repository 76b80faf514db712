import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const query = /\/graphql$/u

/** Requests that count against GitHub's limit, as `POST /graphql`, with IDs removed. */
function counted(scene: Scene): string[] {
  return scene.sandbox.requests
    .filter(({ status }) => status !== 304)
    .map(({ method, path }) => `${method} ${path.replace('/api', '').replace('/v3', '')}`)
    .map((line) =>
      line
        .replace(/[0-9a-f]{40}/u, 'SHA')
        .replace(/runs\/\d+/u, 'runs/ID')
        .replace(/\?.*$/u, ''),
    )
}

/** A change whose only member is the only repository of the graph. */
async function singleRepositoryChange(): Promise<Scene> {
  const scene = await Scene.open({
    graph: 'version: 1\nowner: acme\nbranches: DPTA-*\njobs:\n  repoB: { timeout-minutes: 120 }\n',
  })
  await scene.change('repoB', 'DPTA-1')
  return scene
}

describe('request count of a change', () => {
  test('a build of 20 s takes at most twelve counted requests', async () => {
    await using scene = await singleRepositoryChange()
    scene.builds.script('acme/repoB').concludes('success', { after: 20_000 })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    const requests = counted(scene)
    const repo = '/repos/acme/repoB'
    expect(requests.filter((line) => line === 'POST /graphql')).toHaveLength(4)
    expect(requests.filter((line) => line === `POST ${repo}/statuses/SHA`)).toHaveLength(3)
    expect(requests.filter((line) => line === `GET ${repo}/commits/SHA/statuses`)).toHaveLength(1)
    const listing = requests.indexOf(`GET ${repo}/commits/SHA/statuses`)
    expect(listing).toBeGreaterThan(requests.lastIndexOf('POST /graphql'))
    expect(requests.filter((line) => line === `POST ${repo}/actions/workflows/build.yml/dispatches`)).toHaveLength(1)
    expect(requests.length).toBeLessThanOrEqual(12)
  })

  test('a build of an hour is polled by requests that are free while nothing changes', async () => {
    await using scene = await singleRepositoryChange()
    scene.builds.script('acme/repoB').concludes('success', { after: 3_600_000 })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(counted(scene).length).toBeLessThanOrEqual(20)
  })

  test('repositories without the branch are read again for free', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('success', { after: 600_000 })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(counted(scene).filter((line) => line.endsWith('/git/ref/heads/DPTA-1'))).toEqual([])
    const readings = counted(scene).filter((line) => line.endsWith('repoA/git/matching-refs/heads/DPTA-1'))
    expect(readings).toHaveLength(1)
  })
})

describe('server or token without GraphQL', () => {
  test.each([404, 403] as const)(
    'a server that refuses GraphQL (%s) is read through the REST API with the same result and one note',
    async (status) => {
      await using scene = await Scene.open()
      const inB = await scene.change('repoB', 'DPTA-1')
      scene.sandbox.faults.add({ action: { kind: 'graphql-refused', status } })
      const { code, stderr } = await scene.orch('run DPTA-1')
      expect(code).toBe(0)
      expect(stderr.match(/does not answer GraphQL/gu)).toHaveLength(1)
      expect(scene.sandbox.requests.filter(({ path }) => path.endsWith('/graphql'))).toHaveLength(1)
      expect(await scene.merge('repoB', inB)).toBeNull()
    },
  )

  test('a server that refuses GraphQL does not hide an invalidation', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused' } })
    const { code } = await scene.orch('invalidate DPTA-1')
    expect(code).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending inv:ID/u)
  })
})

describe('oversized query', () => {
  test('a query that exceeds the server limits is halved until the server answers', async () => {
    await using scene = await Scene.open()
    const inB = await scene.change('repoB', 'DPTA-1')
    scene.sandbox.faults.add({ action: { kind: 'graphql-too-large', repositories: 1 } })
    const { code } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(await scene.merge('repoB', inB)).toBeNull()
  })
})

describe('failure of GitHub inside a GraphQL answer', () => {
  const failing = (message: string, type?: string) => ({
    kind: 'respond' as const,
    status: 200,
    body: { data: null, errors: [{ message, ...(type === undefined ? {} : { type }) }] },
  })
  const wrong = failing('Something went wrong while executing your query. This may be the result of a timeout.')

  test('GraphQL that fails for five seconds after the builds does not end the run', async () => {
    await using scene = await Scene.open()
    const inB = await scene.change('repoB', 'DPTA-1')
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    scene.sandbox.faults.add({ path: query, times: 3, action: wrong })
    expect((await scene.clock.until(running.ended)).code).toBe(0)
    expect(await scene.merge('repoB', inB)).toBeNull()
  })

  test.each([
    ['fails', wrong],
    ['times out', failing('timeout', 'TIMEOUT')],
    ['is unavailable', failing('Service unavailable', 'SERVICE_UNAVAILABLE')],
  ])('a change is built, unlocked and invalidated over the REST API while GraphQL %s', async (_, action) => {
    await using scene = await Scene.open()
    const inB = await scene.change('repoB', 'DPTA-1')
    scene.sandbox.faults.add({ path: query, action })
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(stderr).not.toContain('does not answer GraphQL')
    expect((await scene.orch('status DPTA-1')).code).toBe(0)
    expect((await scene.orch('invalidate DPTA-1')).code).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending inv:ID/u)
    expect(await scene.merge('repoB', inB)).not.toBeNull()
  })
})

describe('partial GraphQL answer', () => {
  test('a repository that fails inside a GraphQL answer is read with its own request', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.faults.add({ action: { kind: 'graphql-partial', repository: 'acme/repoC', type: 'FORBIDDEN' } })
    const { code, stdout } = await scene.orch('plan DPTA-1')
    expect(code).toBe(0)
    expect(stdout).toContain('repoC')
    const paths = scene.sandbox.requests.map(({ path }) => path)
    expect(paths.some((path) => path.includes('/repos/acme/repoC'))).toBe(true)
    expect(paths.some((path) => path.includes('/repos/acme/repoD'))).toBe(false)
  })
})

describe('stale answer', () => {
  test('a stale answer is read again, and the orchestration continues', async () => {
    await using scene = await Scene.open()
    const inB = await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('success', { after: 20_000 })
    await scene.clock.advance(60_000)
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    // This answer predates the claim, although GitHub has already acknowledged the claim.
    scene.sandbox.faults.add({ operation: 'ReadChange', times: 1, action: { kind: 'stale-reads', ms: 30_000 } })
    const { code, outputLines } = await scene.clock.until(running.ended)
    expect(code).toBe(0)
    expect(outputLines.some((line) => line.startsWith('DPTA-1 unsettled'))).toBe(true)
    expect(await scene.merge('repoB', inB)).toBeNull()
  })

  test('a stale answer does not restore a head that has moved', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('success', { after: 120_000 })
    const tested = await scene.head('repoB', 'DPTA-1')
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    scene.before('POST', query, () => scene.push('repoB', 'DPTA-1'))
    // The confirming reading reaches a replica that does not have the move yet.
    scene.before('POST', query, () =>
      scene.sandbox.faults.add({ operation: 'ReadChange', times: 1, action: { kind: 'stale-reads', ms: 6_500 } }),
    )
    const { code, outputLines, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(outputLines.some((line) => line.startsWith('DPTA-1 unsettled'))).toBe(true)
    expect(stdout).toContain('superseded')
    expect(scene.statusesOf('repoB', tested).some((status) => status.startsWith('success'))).toBe(false)
  })
})
