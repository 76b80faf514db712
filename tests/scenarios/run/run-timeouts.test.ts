import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const minute = 60_000

function graphWith(settings: string): string {
  return `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA: { ${settings} }
  repoB: { needs: repoA }
`
}

async function sceneWith(settings: string): Promise<Scene> {
  const scene = await Scene.open({ graph: graphWith(settings) })
  await scene.change('repoA', 'DPTA-1')
  await scene.change('repoB', 'DPTA-1')
  return scene
}

/** Runs to the end, except that the machine is suspended for some time soon after the dispatch, so that hours need no polls. */
async function runWithBreak(scene: Scene, breakMs: number): Promise<number> {
  const command = scene.start('run DPTA-1')
  await scene.untilAsked('POST', /\/dispatches$/u)
  await scene.clock.advance(minute)
  await scene.clock.skip(breakMs)
  return (await scene.clock.until(command.ended)).code
}

const forceCancels = (writes: string[]): string[] => writes.filter((write) => write.endsWith('/force-cancel'))

describe('deadlines', () => {
  test('a run in progress for longer than timeout-minutes is cancelled on GitHub, and the change stays locked', async () => {
    await using scene = await sceneWith('timeout-minutes: 10')
    scene.builds.script('acme/repoA').holds()
    const started = scene.clock.now()
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(scene.conclusions('repoA')).toEqual(['cancelled'])
    expect(forceCancels(scene.writes())).toEqual([])
    expect(scene.clock.now() - started).toBeGreaterThan(10 * minute)
    expect(scene.clock.now() - started).toBeLessThan(11 * minute)
    expect(outputLines.some((line) => line.startsWith('repoA timed out') && line.includes('timeout-minutes'))).toBe(
      true,
    )
    expect(scene.dispatches()).toEqual(['repoA build.yml@DPTA-1'])
    for (const name of ['repoA', 'repoB'])
      expect(await scene.status(name, 'DPTA-1')).toMatch(/^error run:ID repoA timed out/u)
  })

  test('a run that ignores the cancel is force-cancelled', async () => {
    await using scene = await sceneWith('timeout-minutes: 10')
    scene.builds.script('acme/repoA').holds().ignoresCancel()
    const { code } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(forceCancels(scene.writes())).toHaveLength(1)
    expect(scene.conclusions('repoA')).toEqual(['cancelled'])
  })

  test('a run that succeeds despite a cancel request counts as succeeded, because GitHub decides the result', async () => {
    await using scene = await sceneWith('timeout-minutes: 10')
    scene.builds
      .script('acme/repoA')
      .concludes('success', { after: 10 * minute + 20_000 })
      .ignoresCancel()
    const { code } = await scene.orch('run DPTA-1')
    expect(scene.writes().some((write) => write.endsWith('/cancel'))).toBe(true)
    expect(code).toBe(0)
    expect(await scene.status('repoA', 'DPTA-1')).toMatch(/^success/u)
  })

  test('a run that does not start within queue-timeout-minutes is cancelled, and its job timed out', async () => {
    await using scene = await sceneWith('queue-timeout-minutes: 5')
    scene.builds.script('acme/repoA').concludes('success', { queuedFor: Infinity })
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(
      outputLines.some((line) => line.startsWith('repoA timed out') && line.includes('queue-timeout-minutes')),
    ).toBe(true)
    expect(scene.conclusions('repoA')).toEqual(['cancelled'])
  })

  test('time in the queue does not count towards timeout-minutes', async () => {
    await using scene = await sceneWith('timeout-minutes: 10')
    scene.builds.script('acme/repoA').concludes('success', { queuedFor: 20 * minute, after: 9 * minute })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })

  test('the default of queue-timeout-minutes is one hour', async () => {
    await using scene = await sceneWith('')
    scene.builds.script('acme/repoA').concludes('success', { queuedFor: Infinity })
    const started = scene.clock.now()
    expect(await runWithBreak(scene, 55 * minute)).toBe(1)
    expect(Math.floor((scene.clock.now() - started) / minute)).toBe(60)
  })

  test('--timeout ends the whole orchestration: running builds are cancelled, waiting jobs never start', async () => {
    await using scene = await sceneWith('timeout-minutes: 600')
    scene.builds.script('acme/repoA').holds()
    const started = scene.clock.now()
    const { code, outputLines } = await scene.orch('run DPTA-1 --timeout 15m')
    expect(code).toBe(1)
    expect(Math.floor((scene.clock.now() - started) / minute)).toBe(15)
    expect(scene.conclusions('repoA')).toEqual(['cancelled'])
    expect(outputLines.some((line) => line.startsWith('repoB not run'))).toBe(true)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })

  test('the default of --timeout is six hours', async () => {
    await using scene = await sceneWith('timeout-minutes: 1200')
    scene.builds.script('acme/repoA').holds()
    const started = scene.clock.now()
    expect(await runWithBreak(scene, 355 * minute)).toBe(1)
    expect(Math.floor((scene.clock.now() - started) / minute)).toBe(360)
  })

  test('polls of a long build become less frequent, and only three in an hour count against the limit', async () => {
    await using scene = await sceneWith('timeout-minutes: 120')
    scene.builds.script('acme/repoA').concludes('success', { after: 60 * minute })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    const polls = scene.sandbox.requests.filter(({ path }) => /repoA\/actions\/runs\/\d+(\?|$)/u.test(path))
    expect(polls.length).toBeGreaterThan(60)
    expect(polls.length).toBeLessThan(500)
    expect(polls.filter(({ status }) => status !== 304).length).toBeLessThanOrEqual(3)
  })
})
