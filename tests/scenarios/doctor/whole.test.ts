import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkIds } from '../../../src/model/check.js'
import { Scene } from '../../support/scene.js'
import { answer, examined, healthy, repositories } from './support.js'

describe('orch doctor', () => {
  test('answers every question with ok where the setup is right, and ends with 0', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.change('repoB', 'DPTA-1')
    const { code, checks, wrong } = await examined(scene, 'DPTA-1', { env })
    expect({ code, wrong }).toEqual({ code: 0, wrong: [] })
    expect(new Set(checks.map(({ id }) => id))).toEqual(new Set(checkIds))
    const perRepository = checks.filter(({ id }) => id === 'ruleset').map(({ repository }) => repository)
    expect(perRepository).toEqual(repositories.map((name) => `acme/${name}`))
    expect(checks.every(({ fix }) => fix === null)).toBe(true)
  })

  test('writes no status, starts no run and leaves no file', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await examined(scene, 'DPTA-1')
    expect(scene.dispatches()).toEqual([])
    for (const name of repositories) expect(await scene.statuses(name, 'main')).toEqual([])
    expect(await scene.statuses('repoB', 'DPTA-1')).toEqual([])
    expect(await scene.files()).toEqual([])
  })

  test('ends with 0 where only warnings are found, and names what to do about each', async () => {
    await using scene = await Scene.open()
    const { code, checks } = await examined(scene)
    expect(code).toBe(0)
    const warnings = checks.filter(({ status }) => status === 'warning')
    expect(new Set(warnings.map(({ id }) => id))).toEqual(new Set(['workflow-marker', 'status-author']))
    expect(warnings.every(({ fix }) => fix !== null)).toBe(true)
  })

  test('is the same with the REST API alone, except for what only GraphQL shows, which is not known and ends it with 1', async () => {
    await using world = await healthy()
    const { scene, env } = world
    scene.sandbox.faults.add({ action: { kind: 'graphql-refused' } })
    const { code, stdout } = await scene.orch('doctor --json', { env })
    const { checks } = JSON.parse(stdout) as { checks: { id: string; status: string }[] }
    const wrong = checks.filter(({ status }) => status !== 'ok')
    expect(new Set(wrong.map(({ id, status }) => `${status} ${id}`))).toEqual(
      new Set(['unknown auto-merge', 'unknown status-author']),
    )
    expect(code).toBe(1)
  })

  test('looks at the default branches alone where no branch is named and the current one is not of a change', async () => {
    await using world = await healthy()
    const { scene, env } = world
    await scene.push('repoB', 'DPTA-1', { '.github/workflows/build.yml': 'on: push\n' })
    for (const options of [{ env }, { env, currentBranch: 'main' }]) {
      const { code, checks } = await examined(scene, '', options)
      expect(code).toBe(0)
      expect(checks.some(({ id }) => id === 'change')).toBe(false)
    }
    expect((await examined(scene, '', { env, currentBranch: 'DPTA-1' })).code).toBe(1)
  })

  test.each([
    ['main', 'main is not the branch of a coordinated change'],
    ['a..b', '"a..b" is not a valid branch name'],
  ])('refuses the branch %s before it asks anything', async (branch, message) => {
    await using scene = await Scene.open()
    const { code, stderr, stdout } = await scene.orch(['doctor', branch])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
    expect(scene.sandbox.requests).toEqual([])
  })

  test('reads a branch that looks like a flag as a flag that it does not have', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('doctor --force')
    expect(code).toBe(2)
    expect(stderr).toContain("unknown option '--force'")
  })
})

describe('what is on this machine', () => {
  test('a mistake in the graph file is a check that failed, with its place', async () => {
    await using scene = await Scene.open()
    await writeFile(join(scene.directory, 'orchestrator.yaml'), 'version: 1\nowner: acme\nbrnches: DPTA-*\n')
    const result = await examined(scene)
    expect(result.code).toBe(1)
    expect(answer(result, 'graph-file')).toMatchObject({ status: 'failed', fix: 'Correct them.' })
    expect(answer(result, 'graph-file').message).toMatch(/^orchestrator\.yaml:\d+:\d+: .*brnches/u)
    expect(scene.sandbox.requests).toEqual([])
  })

  test('a graph file that is not there is a check that failed', async () => {
    await using scene = await Scene.open()
    const result = await examined(scene, '--config nowhere.yaml')
    expect(result).toMatchObject({ code: 1, wrong: ['failed graph-file'] })
    expect(answer(result, 'graph-file').message).toContain('nowhere.yaml cannot be read')
  })

  test('a token that is missing is a check that failed', async () => {
    await using scene = await Scene.open()
    const result = await examined(scene, '', { env: { GH_ENTERPRISE_TOKEN: '' } })
    expect(result).toMatchObject({ code: 1, wrong: ['failed token'] })
    expect(answer(result, 'token').fix).toContain('gh auth login')
    expect(scene.sandbox.requests).toEqual([])
  })

  test('a token that GitHub refuses is a check that failed', async () => {
    await using scene = await Scene.open()
    const result = await examined(scene, '', { env: { GH_ENTERPRISE_TOKEN: 'ghp_refused' } })
    expect(result).toMatchObject({ code: 1, wrong: ['failed token'] })
    expect(JSON.stringify(result)).not.toContain('ghp_refused')
  })

  test('a rate limit that is used up leaves the repositories unknown, and nothing waits for it', async () => {
    await using scene = await Scene.open()
    scene.sandbox.admin.setRateLimit('developer', 5_000, 0, { resource: 'graphql' })
    const began = scene.clock.now()
    const result = await examined(scene)
    expect(result.code).toBe(1)
    expect(result.wrong).toEqual(['failed rate-limit', ...repositories.map((name) => `unknown repository ${name}`)])
    expect(answer(result, 'rate-limit').fix).toMatch(/^Wait until 2026-\d\d-\d\dT/u)
    expect(scene.clock.now() - began).toBeLessThan(60_000)
  })

  test('a rate limit that is nearly used up is a warning', async () => {
    await using world = await healthy()
    const { scene } = world
    scene.sandbox.admin.setRateLimit('developer', 5_000, 300)
    const result = await examined(scene)
    expect(answer(result, 'rate-limit')).toMatchObject({ status: 'warning' })
    expect(answer(result, 'rate-limit').message).toMatch(/^only \d+ of 5000 requests left this hour/u)
  })

  test('a server that does not answer is not known, and ends it with 1', async () => {
    await using scene = await Scene.open()
    const network = { isCut: true }
    const result = await examined(scene, '', { network })
    expect(result).toMatchObject({ code: 1, wrong: ['unknown server'] })
  })
})
