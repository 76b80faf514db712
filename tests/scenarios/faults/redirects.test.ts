import { describe, expect, test } from 'vitest'
import type { FaultAction } from '../../../src/sandbox/fault-actions.js'
import { Scene } from '../../support/scene.js'

const dispatching = /\/dispatches$/u

async function changeInBAndE(): Promise<Scene> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoE']) await scene.change(name, 'DPTA-1')
  return scene
}

/** Runs the change, and `act` right before its dispatch; returns how it ended, and the time that it took from the dispatch on, ms. */
async function runAndTime(
  scene: Scene,
  act: () => void = () => undefined,
): Promise<{ code: number; stdout: string; ms: number }> {
  let start = Infinity
  scene.before('POST', dispatching, () => {
    act()
    start = scene.clock.now()
  })
  const { code, stdout } = await scene.orch('run DPTA-1')
  return { code, stdout, ms: scene.clock.now() - start }
}

describe('redirected dispatch', () => {
  test('a repository that is renamed between plan and dispatch ends the run at once with its new name', async () => {
    await using scene = await changeInBAndE()
    const rename = (): void => scene.sandbox.admin.renameRepository('acme/repoB', 'library')
    const { code, stdout, ms } = await runAndTime(scene, rename)
    expect(code).toBe(1)
    expect(stdout).toContain('the repository acme/repoB is now called acme/library')
    expect(ms).toBeLessThan(20_000)
    expect(scene.dispatches()).toEqual([])
    expect(await scene.status('library', 'DPTA-1')).toMatch(/^(?:pending|error|failure)/u)
    expect(await scene.status('repoE', 'DPTA-1')).toMatch(/^error/u)
  })

  test('the new name that cannot be read does not keep the run waiting', async () => {
    await using scene = await changeInBAndE()
    const body = { message: 'Moved Permanently' }
    const headers = { location: 'http://127.0.0.1:9/api/v3/repositories/4711/actions/workflows/build.yml/dispatches' }
    scene.sandbox.faults.add({ path: dispatching, action: { kind: 'respond', status: 307, body, headers } })
    const { code, stdout, ms } = await runAndTime(scene)
    expect(code).toBe(1)
    expect(stdout).toContain('the repository acme/repoB has another name now')
    expect(ms).toBeLessThan(20_000)
  })

  test.each<[string, FaultAction]>([
    [
      'a redirect to a login page',
      { kind: 'respond', status: 302, body: '<html>', headers: { location: 'https://login.example/' } },
    ],
    ['a redirect without an address', { kind: 'respond', status: 307, body: { message: 'Moved' } }],
  ])('%s ends the run at once', async (_, action) => {
    await using scene = await changeInBAndE()
    scene.sandbox.faults.add({ path: dispatching, action })
    const { code, stdout, ms } = await runAndTime(scene)
    expect(code).toBe(1)
    expect(stdout).toContain('a redirect')
    expect(ms).toBeLessThan(20_000)
    expect(scene.dispatches()).toEqual([])
  })

  test('a re-run in a renamed repository is refused and not looked for', async () => {
    const graph = 'version: 1\nowner: acme\nbranches: DPTA-*\njobs: { repoB: { retries: 1 } }\n'
    await using scene = await Scene.open({ graph })
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure')
    const rerunning = /\/rerun-failed-jobs$/u
    scene.before('POST', rerunning, () => scene.sandbox.admin.renameRepository('acme/repoB', 'library'))
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('is now called acme/library')
    expect(scene.writes().filter((write) => rerunning.test(write))).toHaveLength(1)
  })
})
