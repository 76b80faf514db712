import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

async function greenChange() {
  const scene = await Scene.open()
  const inB = await scene.change('repoB', 'DPTA-1')
  const inD = await scene.change('repoD', 'DPTA-1')
  expect((await scene.orch('run DPTA-1')).code).toBe(0)
  scene.sandbox.requests.length = 0
  return { scene, inB, inD, [Symbol.asyncDispose]: () => scene.close() }
}

describe('orch invalidate', () => {
  test('orch invalidate locks the pull requests of a green change again with inv:<id>, the reason and a link', async () => {
    await using world = await greenChange()
    const { scene, inB } = world
    const { code, outputLines } = await scene.orch(['invalidate', 'DPTA-1', '--reason', 'main has moved'])
    expect(code).toBe(0)
    for (const name of ['repoB', 'repoD'])
      expect(await scene.status(name, 'DPTA-1')).toBe('pending inv:ID main has moved')
    expect(outputLines.filter((line) => line.includes(' locked '))).toHaveLength(2)
    expect(await scene.merge('repoB', inB)).toMatch(/405/u)
    const head = await scene.head('repoB', 'DPTA-1')
    expect(scene.sandbox.admin.statuses('acme/repoB', head).at(-1)?.targetUrl).toContain('http://127.0.0.1:9/pulls?q=')
  })

  test('orch invalidate without a branch locks every branch that matches `branches`, and no other', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoC', 'DPTA-2')
    await scene.change('repoC', 'feature')
    const { code } = await scene.orch('invalidate')
    expect(code).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending inv:ID/u)
    expect(await scene.status('repoC', 'DPTA-2')).toMatch(/^pending inv:ID/u)
    expect(await scene.statuses('repoC', 'feature')).toEqual([])
  })

  test('orch invalidate with a branch leaves the other branches unchanged', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoB', 'DPTA-2')
    await scene.orch('invalidate DPTA-1')
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending inv:ID/u)
    expect(await scene.statuses('repoB', 'DPTA-2')).toEqual([])
  })

  test('orch invalidate does not post again where an invalidation already locks the head', async () => {
    await using world = await greenChange()
    const { scene } = world
    await scene.orch('invalidate DPTA-1')
    scene.sandbox.requests.length = 0
    const { code, stdout } = await scene.orch('invalidate DPTA-1')
    expect(code).toBe(0)
    expect(scene.writes()).toEqual([])
    expect(stdout).toContain('2 already locked')
  })

  test('orch invalidate always overwrites the pending status of a run, so that the running orchestration notices', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    await scene.orch('invalidate DPTA-1')
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending inv:ID/u)
    scene.builds.script('acme/repoB').release('success')
    expect((await scene.clock.until(running.ended)).code).toBe(1)
  })

  test.each(['success', 'failure', 'error', 'pending'])(
    'orch invalidate overwrites a %s that another client posted',
    async (state) => {
      await using scene = await Scene.open()
      await scene.change('repoB', 'DPTA-1')
      await scene.postStatus('repoB', await scene.head('repoB', 'DPTA-1'), state, 'by hand')
      await scene.orch('invalidate DPTA-1')
      expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending inv:ID/u)
    },
  )

  test('orch invalidate leaves a closed pull request and a branch without a pull request unchanged', async () => {
    await using scene = await Scene.open()
    const number = await scene.change('repoB', 'DPTA-1')
    scene.sandbox.admin.closePull('acme/repoB', number)
    await scene.push('repoC', 'DPTA-1')
    const { code, stdout } = await scene.orch('invalidate DPTA-1')
    expect(code).toBe(0)
    expect(scene.writes()).toEqual([])
    expect(stdout).toContain('nothing to lock')
  })

  test('orch invalidate continues after a failed pull request, and exits 1 with the list', async () => {
    await using world = await greenChange()
    const { scene } = world
    scene.sandbox.faults.add({ method: 'POST', path: /repoB\/statuses/u, action: { kind: 'respond', status: 502 } })
    const { code, outputLines, stdout } = await scene.orch('invalidate DPTA-1')
    expect(code).toBe(1)
    expect(outputLines.some((line) => line.includes('repoB#1 failed'))).toBe(true)
    expect(stdout).toContain('answered 502')
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^pending inv:ID/u)
  })

  test('orch invalidate continues after an unreadable repository, and exits 1 with its name', async () => {
    await using world = await greenChange()
    const { scene } = world
    scene.sandbox.admin.renameRepository('acme/repoC', 'library')
    const { code, stdout } = await scene.orch('invalidate DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('acme/repoC is now called acme/library')
    for (const name of ['repoB', 'repoD']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^pending inv:ID/u)
  })

  test('orch invalidate --dry-run shows what it would lock, and writes nothing', async () => {
    await using world = await greenChange()
    const { scene } = world
    const before = await scene.files()
    const { code, stdout } = await scene.orch('invalidate --dry-run')
    expect(code).toBe(0)
    expect(stdout).toContain('2 would be locked')
    expect(scene.writes()).toEqual([])
    expect(await scene.files()).toEqual(before)
  })

  test('orch invalidate --json prints one versioned document that lists each pull request', async () => {
    await using world = await greenChange()
    const { scene } = world
    const { stdout } = await scene.orch(['invalidate', '--json', '--reason', 'a push'])
    expect(JSON.parse(stdout)).toMatchObject({
      version: 2,
      branch: null,
      reason: 'a push',
      isDryRun: false,
      pullRequests: [
        { repository: 'acme/repoB', number: 1, branch: 'DPTA-1', result: 'invalidated' },
        { repository: 'acme/repoD', number: 1, branch: 'DPTA-1', result: 'invalidated' },
      ],
    })
  })

  test.each([
    ['outside `branches`', 'feature'],
    ['that git refuses', 'DPTA-1..2'],
  ])('orch invalidate with a branch %s exits 2', async (_, branch) => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch(`invalidate ${branch}`)
    expect(code).toBe(2)
    expect(stderr).toContain('error:')
    expect(scene.sandbox.requests).toEqual([])
  })

  test('orch invalidate with a token that may not post statuses exits 4 and names the permission and the repository', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const token = scene.sandbox.admin.createToken('bot', {
      '*': { contents: 'read', pull_requests: 'read', statuses: 'read' },
    })
    const { code, stdout } = await scene.orch('invalidate DPTA-1', { env: { GH_ENTERPRISE_TOKEN: token } })
    expect(code).toBe(4)
    expect(stdout).toContain('this token may not post commit statuses in acme/repoB')
  })
})
