import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

/** Makes GitHub accept every request and answer none. */
async function unresponsiveScene(): Promise<Scene> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  scene.sandbox.faults.add({ action: { kind: 'hang' } })
  return scene
}

describe('signal before the first dispatch', () => {
  test.each([
    ['run DPTA-1', 'SIGINT'],
    ['run DPTA-1', 'SIGTERM'],
    ['plan DPTA-1', 'SIGINT'],
    ['status DPTA-1', 'SIGTERM'],
    ['invalidate', 'SIGINT'],
  ])('orch %s ends at once with 130 while an answer of GitHub is outstanding: %s', async (words, signal) => {
    await using scene = await unresponsiveScene()
    const running = scene.start(words)
    await scene.untilAsked('POST', /\/graphql$/u)
    const signalled = scene.clock.now()
    running.signal(signal)
    const { code, stdout, stderr } = await scene.clock.until(running.ended)
    expect(stderr.split('\n')).toEqual([
      `error: interrupted by ${signal}`,
      '  why: the command was stopped before it had finished; what it had written by then was not undone',
      '  what to do: Run it again; orch status shows the state of a change.',
      '',
    ])
    expect(stdout).toBe('')
    expect(code).toBe(130)
    expect(scene.clock.now() - signalled).toBeLessThanOrEqual(2_000)
    expect(scene.writes()).toEqual([])
    expect(await scene.files()).toEqual([])
  })

  test('an interrupted orch invalidate keeps the locks that it has already posted', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoD', 'DPTA-1')
    scene.sandbox.faults.add({ method: 'POST', path: /repoD\/statuses/u, action: { kind: 'hang' } })
    const running = scene.start('invalidate DPTA-1')
    await scene.untilAsked('POST', /repoD\/statuses/u)
    await scene.clock.advance(2_000)
    running.signal('SIGTERM')
    expect((await scene.clock.until(running.ended)).code).toBe(130)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending inv:ID/u)
    expect(await scene.status('repoD', 'DPTA-1')).toBe('none')
  })
})
