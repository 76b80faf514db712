import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'
import { answer, examined, healthy } from './support.js'

describe('the ruleset', () => {
  test('that does not require the status fails, because pull requests could be merged one by one', async () => {
    await using world = await healthy({ unprotected: ['repoC'] })
    const { scene, env } = world
    scene.sandbox.admin.requireStatus('acme/repoC', 'another-status')
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 1, wrong: ['failed ruleset repoC'] })
    expect(answer(result, 'ruleset', 'repoC').fix).toContain('docs/github-setup.md')
  })

  test.each(['disabled', 'evaluate'] as const)('that is not in force (%s) fails', async (enforcement) => {
    await using world = await healthy({ unprotected: ['repoC'] })
    const { scene, env } = world
    scene.sandbox.admin.requireStatus('acme/repoC', 'orchestrator-build', { enforcement })
    expect((await examined(scene, '', { env })).wrong).toEqual(['failed ruleset repoC'])
  })

  test('may be the classic protection of the branch', async () => {
    await using world = await healthy({ unprotected: ['repoC'] })
    const { scene, env } = world
    scene.alter(/^\/repos\/acme\/repoC\/branches\/main$/u, 1, (body) => {
      const branch = JSON.parse(body) as object
      const checks = [{ context: 'Orchestrator-Build', app_id: null }]
      return JSON.stringify({ ...branch, protection: { enabled: true, required_status_checks: { checks } } })
    })
    const result = await examined(scene, '', { env })
    expect(result.wrong).toEqual(['warning status-author repoC'])
    expect(answer(result, 'ruleset', 'repoC').status).toBe('ok')
  })

  test('that somebody may bypass is a warning to those who may see it', async () => {
    await using world = await healthy()
    const { scene, env } = world
    const { admin } = scene.sandbox
    const url = 'http://127.0.0.1:9/repos/acme/repoC/rulesets'
    const headers = { authorization: `Bearer ${scene.sandbox.token}` }
    const [{ id } = { id: 0 }] = (await (await scene.sandbox.fetch(new Request(url, { headers }))).json()) as {
      id: number
    }[]
    const actors = [
      { actor_type: 'OrganizationAdmin', actor_id: 1, bypass_mode: 'always' },
      { actor_type: 'Team', actor_id: 7, bypass_mode: 'pull_request' },
    ]
    const body = JSON.stringify({ bypass_actors: actors })
    await scene.sandbox.fetch(new Request(`${url}/${id}`, { method: 'PUT', headers, body }))

    const hidden = await examined(scene, '', { env })
    expect(hidden.wrong).toEqual([])
    expect(answer(hidden, 'ruleset', 'repoC').message).toContain('only to its administrators')

    const token = admin.createToken('admin')
    const shown = await examined(scene, '', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(answer(shown, 'ruleset', 'repoC')).toMatchObject({
      status: 'warning',
      message:
        'orchestrator-build is required, but the owners of the organization, the team 7 (for pull requests) may merge without it',
    })
  })
})

describe('who can post the status', () => {
  test('is everybody who may write, where the rule is not pinned to an App', async () => {
    await using scene = await Scene.open()
    const result = await examined(scene)
    expect(answer(result, 'status-author', 'repoA')).toMatchObject({ status: 'warning' })
    expect(answer(result, 'status-author', 'repoA').message).toContain('everybody with push access')
  })

  test('is an App that this token is not of, which fails: success would not count', async () => {
    await using world = await healthy()
    const { scene } = world
    const result = await examined(scene)
    expect(answer(result, 'status-author', 'repoA')).toMatchObject({ status: 'failed' })
    expect(answer(result, 'status-author', 'repoA').message).toMatch(
      /^only the GitHub App \d+ can post orchestrator-build, and this token is of developer$/u,
    )
  })
})

describe('what merges pull requests', () => {
  test('a merge queue that waits for the status is a warning', async () => {
    await using world = await healthy()
    const { scene, env } = world
    scene.sandbox.admin.requireMergeQueue('acme/repoC')
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 0, wrong: ['warning merge-queue repoC'] })
    expect(answer(result, 'merge-queue', 'repoC').fix).toContain('merge_group')
  })

  test('auto-merge is a warning', async () => {
    await using world = await healthy()
    const { scene, env } = world
    scene.sandbox.admin.allowAutoMerge('acme/repoC')
    const result = await examined(scene, '', { env })
    expect(result).toMatchObject({ code: 0, wrong: ['warning auto-merge repoC'] })
  })
})
