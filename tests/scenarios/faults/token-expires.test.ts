import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

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

describe('expired token', () => {
  test('a token that expires during a build ends the run with exit code 4, and the journal stays intact with no later dispatch or cancel', async () => {
    await using scene = await changeInBAndE()
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    scene.sandbox.faults.add({ action: expired })
    const { code, stdout, stderr } = await scene.clock.until(running.ended)
    expect(code).toBe(4)
    expect(stdout).toContain('refused the token (Bad credentials)')
    expect(stdout).toMatch(/suspended .*then run: orch resume [0-9a-z]{16}/u)
    expect(stdout + stderr).not.toContain(scene.sandbox.token)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1'])
    expect(scene.conclusions('repoB')).toEqual([null])
    for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^pending/u)
    expect((await journalTypes(scene)).at(-1)).toBe('suspended')
  })

  test.each([
    ['before anything was posted', 'POST', /\/statuses\/[0-9a-f]{40}$/u],
    ['before anything was dispatched', 'POST', /\/dispatches$/u],
    ['before success is posted', 'GET', /\/actions\/runs\/\d+$/u],
  ])(
    'a token that expires %s never leads to success, and orch resume with a valid token finishes the run',
    async (_, method, path) => {
      await using scene = await changeInBAndE()
      let renew: () => void = () => undefined
      scene.before(method, path, () => {
        renew = scene.sandbox.faults.add({ action: expired })
      })
      const { code, stdout } = await scene.orch('run DPTA-1')
      expect(code).toBe(4)
      expect(stdout).toContain('refused the token')
      for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).not.toMatch(/^success/u)
      renew()
      await scene.clock.advance(60_000)
      expect((await scene.orch('resume')).code).toBe(0)
      for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^success/u)
      expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoE build.yml@DPTA-1'])
    },
  )

  test('a token that is refused for one answer only changes nothing', async () => {
    await using scene = await changeInBAndE()
    scene.before('GET', /\/actions\/runs\/\d+$/u, () => scene.sandbox.faults.add({ times: 1, action: expired }))
    scene.before('POST', /\/dispatches$/u, () => scene.sandbox.faults.add({ times: 1, action: expired }))
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoE build.yml@DPTA-1'])
  })

  test('orch cancel with an expired token exits 4 and changes nothing', async () => {
    await using scene = await changeInBAndE()
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    const renew = scene.sandbox.faults.add({ action: expired })
    await scene.clock.until(running.ended)
    const refused = await scene.orch('cancel')
    expect(refused.code).toBe(4)
    expect(refused.stderr).toContain('was not cancelled: GitHub does not accept the token any more')
    renew()
    expect((await scene.orch('cancel')).code).toBe(0)
    expect(scene.conclusions('repoB')).toEqual(['cancelled'])
  })
})
