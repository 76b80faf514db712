import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const notFound = { kind: 'respond' as const, status: 404, body: { message: 'Not Found' } }

describe('number in messages', () => {
  test('the note about a server without GraphQL says nothing about the repositories of the graph', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused' } })
    const { code, stderr } = await scene.orch('plan DPTA-1')
    expect(code).toBe(0)
    expect(stderr).toContain('127.0.0.1:9 does not answer GraphQL (it has no GraphQL API that this token can see)')
    expect(stderr).not.toContain('the repositories of the graph')
  })

  test.each([
    ['the pull requests of acme/repoB do not exist, or this token cannot see them', /\/repoB\/pulls$/u],
    ['repository acme/repoB does not exist, or this token cannot see it', /\/acme\/repoB$/u],
  ])('a failure says "%s"', async (message, path) => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused' } })
    scene.sandbox.faults.add({ path, action: notFound })
    const { code, stderr } = await scene.orch('plan DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain(message)
  })

  test.each([
    [1, '(The branches of 1 repository could not be listed.)'],
    [2, '(The branches of 2 repositories could not be listed.)'],
  ])('a change that is absent says of %i repositories without a list of branches "%s"', async (count, note) => {
    await using scene = await Scene.open()
    for (const name of ['repoB', 'repoD'].slice(0, count))
      scene.sandbox.faults.add({ path: new RegExp(`/${name}/git/matching-refs/heads/`, 'u'), action: notFound })
    const { code, stderr } = await scene.orch('plan DPTA-1')
    expect(code).toBe(2)
    expect(stderr).toContain(note)
  })

  test.each([
    [1, 'Merge the pull request: its builds succeeded.'],
    [2, 'Merge the pull requests: they were tested together.'],
  ])('a run that unlocks %i says "%s"', async (count, next) => {
    await using scene = await Scene.open()
    for (const name of ['repoB', 'repoD'].slice(0, count)) await scene.change(name, 'DPTA-1')
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(stdout).toContain(next)
  })

  test('a change that is absent from the only repository of the graph is to be pushed there', async () => {
    await using scene = await Scene.open({ graph: 'version: 1\nowner: acme\nbranches: DPTA-*\njobs: { repoB: {} }\n' })
    const { code, stderr } = await scene.orch('plan DPTA-1')
    expect(code).toBe(2)
    expect(stderr).toContain('Push it to the repository of the graph, or check its spelling.')
  })

  test('an unknown id is compared with the only one, or with all', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.orch('run DPTA-1')
    expect((await scene.orch('show zzz')).stderr).toContain(
      'the only id of this graph file neither begins nor ends with it',
    )
    await scene.push('repoB', 'DPTA-1')
    await scene.orch('run DPTA-1')
    expect((await scene.orch('show zzz')).stderr).toContain(
      'none of the 2 ids of this graph file begins or ends with it',
    )
  })
})
