import { describe, expect, test } from 'vitest'
import { Scene } from '../support/scene.js'

const expired = { kind: 'respond' as const, status: 401, body: { message: 'Bad credentials' } }

async function changeInBAndE(): Promise<Scene> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoE']) await scene.change(name, 'DPTA-1')
  return scene
}

async function journalTypes(scene: Scene): Promise<string[]> {
  const { text } = await scene.journal()
  return text
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type?: string }).type ?? 'head')
}

describe('a token that expires', () => {
  test('while a build runs ends the run in exit code 4, with nothing dispatched after it and the journal intact', async () => {
    await using scene = await changeInBAndE()
    scene.builds.script('acme/repoB').holds()
    const going = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    scene.sandbox.faults.add({ action: expired })
    const { code, stdout, stderr } = await scene.clock.until(going.ended)
    expect(code).toBe(4)
    expect(stdout).toContain('refused the token (Bad credentials)')
    expect(stdout).toContain('still says pending')
    expect(stdout + stderr).not.toContain(scene.sandbox.token)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1'])
    for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^pending/u)
    expect((await journalTypes(scene)).at(-1)).toBe('finished')
  })

  test.each([
    ['before anything was posted', 'POST', /\/statuses\/[0-9a-f]{40}$/u],
    ['before anything was dispatched', 'POST', /\/dispatches$/u],
    ['before success is posted', 'GET', /\/actions\/runs\/\d+$/u],
  ])('%s never turns into green', async (_, method, path) => {
    await using scene = await changeInBAndE()
    scene.before(method, path, () => scene.sandbox.faults.add({ action: expired }))
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(4)
    expect(stdout).toContain('refused the token')
    for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).not.toMatch(/^success/u)
  })

  test('ended the orchestration: resume with a good token says so, and a new run builds and unlocks', async () => {
    await using scene = await changeInBAndE()
    scene.builds.script('acme/repoB').concludes('success', { after: 60_000 })
    const going = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    const remove = scene.sandbox.faults.add({ action: expired })
    await scene.clock.until(going.ended)
    remove()
    const { code, stderr } = await scene.orch('resume')
    expect(code).toBe(2)
    expect(stderr).toContain('there is nothing to go on with')
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^success/u)
  })
})
