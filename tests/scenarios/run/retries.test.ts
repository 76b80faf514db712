import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const branch = 'DPTA-1'
const rerunning = /\/rerun-failed-jobs$/u

/** Creates a change in repoB only, with these settings of its job. */
async function changeInB(settings: string, more = ''): Promise<Scene> {
  const graph = `version: 1\nowner: acme\nbranches: DPTA-*\n${more}jobs:\n  repoA: {}\n  repoB: { needs: repoA, ${settings} }\n  repoC: { needs: repoB }\n`
  const scene = await Scene.open({ graph })
  await scene.change('repoB', branch)
  return scene
}

function attempts(scene: Scene, name = 'repoB'): (string | null)[] {
  return scene.sandbox.admin.runs(`acme/${name}`)[0]?.attempts.map(({ conclusion }) => conclusion) ?? []
}

describe('retries', () => {
  test('retries run the failed jobs of a run again, in the same run, as often as the graph file says', async () => {
    await using scene = await changeInB('retries: 2')
    scene.builds.script('acme/repoB').concludes('failure', { times: 2 })
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(scene.dispatches()).toHaveLength(1)
    expect(attempts(scene)).toEqual(['failure', 'failure', 'success'])
    expect(stdout).toMatch(/repoB +running again +attempt 1 did not succeed/u)
    expect(await scene.status('repoB', branch)).toMatch(/^success/u)
  })

  test('retries that are used up end with the failure of the last attempt and its position', async () => {
    await using scene = await changeInB('retries: 1')
    scene.builds.script('acme/repoB').concludes('failure', { times: 5, log: ['the second'] })
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(attempts(scene)).toEqual(['failure', 'failure'])
    expect(stdout).toContain('the second')
  })

  test('retries are off by default', async () => {
    await using scene = await changeInB('timeout-minutes: 9')
    scene.builds.script('acme/repoB').concludes('failure')
    expect((await scene.orch('run DPTA-1')).code).toBe(1)
    expect(attempts(scene)).toEqual(['failure'])
  })

  test('retries on infrastructure do not repeat a real failure', async () => {
    await using scene = await changeInB('retries: 3, retry-on: infrastructure')
    scene.builds.script('acme/repoB').concludes('failure')
    expect((await scene.orch('run DPTA-1')).code).toBe(1)
    expect(attempts(scene)).toEqual(['failure'])
  })

  test.each(['startup_failure', 'timed_out', 'cancelled'] as const)(
    'retries on infrastructure repeat a %s that orch did not cause',
    async (conclusion) => {
      await using scene = await changeInB('retries: 3, retry-on: infrastructure')
      scene.builds.script('acme/repoB').concludes(conclusion)
      expect((await scene.orch('run DPTA-1')).code).toBe(0)
      expect(attempts(scene)).toEqual([conclusion, 'success'])
    },
  )

  test('retries do not repeat a run that orch itself cancelled', async () => {
    await using scene = await changeInB('retries: 3, timeout-minutes: 1')
    scene.builds.script('acme/repoB').holds()
    expect((await scene.orch('run DPTA-1')).code).toBe(1)
    expect(attempts(scene)).toEqual(['cancelled'])
  })

  test.each([
    ['cut after it took effect', { kind: 'disconnect-after' }, 0, ['failure', 'success']],
    ['answered 502 before it took effect', { kind: 'respond', status: 502, body: {} }, 1, ['failure']],
    [
      'refused',
      { kind: 'respond', status: 403, body: { message: 'This workflow run cannot be retried' } },
      1,
      ['failure'],
    ],
  ] as const)('retries send one re-run request when it is %s', async (_, action, code, expected) => {
    await using scene = await changeInB('retries: 1')
    scene.builds.script('acme/repoB').concludes('failure')
    scene.sandbox.faults.add({ method: 'POST', path: rerunning, times: 1, action })
    const ended = await scene.orch('run DPTA-1')
    expect(ended.code).toBe(code)
    expect(attempts(scene)).toEqual(expected)
    expect(scene.writes().filter((write) => rerunning.test(write))).toHaveLength(1)
    if (code === 1) expect(ended.stdout).toMatch(/it was not rerun|did not begin/u)
  })
})

describe('manual re-run', () => {
  async function failedBesideOne(): Promise<{ scene: Scene; running: ReturnType<Scene['start']> }> {
    const graph =
      'version: 1\nowner: acme\nbranches: DPTA-*\nfail-fast: false\njobs:\n  repoA: {}\n  repoB: {}\n  repoC: { needs: repoB }\n'
    const scene = await Scene.open({ graph })
    for (const name of ['repoA', 'repoB', 'repoC']) await scene.change(name, branch)
    scene.builds.script('acme/repoA').holds()
    scene.builds.script('acme/repoB').concludes('failure')
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoA')
    await scene.clock.advance(60_000)
    return { scene, running }
  }

  test('a manual re-run replaces the failed attempt during the orchestration, and its dependents start', async () => {
    const { scene, running } = await failedBesideOne()
    await using current = scene
    const [run] = current.sandbox.admin.runs('acme/repoB')
    current.sandbox.admin.rerun(run?.id ?? 0, true)
    await current.untilBuilding('repoC')
    current.builds.script('acme/repoA').release('success')
    const { code, stdout } = await current.clock.until(running.ended)
    expect(code).toBe(0)
    expect(stdout).toMatch(/repoB +running again +rerun on GitHub: attempt 2/u)
  })

  test('a manual re-run does not change a settled success, whose attempt is pinned', async () => {
    const { scene, running } = await failedBesideOne()
    await using current = scene
    const [failed] = current.sandbox.admin.runs('acme/repoB')
    current.sandbox.admin.rerun(failed?.id ?? 0, true)
    await current.untilBuilding('repoC')
    await current.clock.advance(60_000)
    current.builds.script('acme/repoC').concludes('failure')
    const [done] = current.sandbox.admin.runs('acme/repoC')
    expect(done?.attempts.at(-1)?.conclusion).toBe('success')
    current.sandbox.admin.rerun(done?.id ?? 0)
    await current.clock.advance(60_000)
    current.builds.script('acme/repoA').release('success')
    expect((await current.clock.until(running.ended)).code).toBe(0)
  })
})
