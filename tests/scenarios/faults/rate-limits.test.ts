import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const dispatching = /\/dispatches$/u
const posting = /\/statuses\/[0-9a-f]{40}$/u
const reading = /\/actions\/runs\/\d+$/u

function limited(seconds: number, status = 403) {
  const body = { message: 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.' }
  return { kind: 'respond' as const, status, body, headers: { 'retry-after': String(seconds) } }
}

async function changeInBAndE(): Promise<Scene> {
  const scene = await Scene.open()
  for (const name of ['repoB', 'repoE']) await scene.change(name, 'DPTA-1')
  return scene
}

const pauses = (lines: string[]): string[] => lines.filter((line) => line.startsWith('paused: '))

describe('rate limit during a run', () => {
  test.each([
    ['a status is posted', 'POST', posting],
    ['a run is dispatched', 'POST', dispatching],
    ['a run is read', 'GET', reading],
  ])(
    'a rate limit when %s is waited out and reported once, and the change is built and unlocked',
    async (_, method, path) => {
      await using scene = await changeInBAndE()
      scene.sandbox.faults.add({ method, path, times: 1, action: limited(180) })
      const started = scene.clock.now()
      const { code, outputLines, stderr } = await scene.orch('run DPTA-1')
      expect(code).toBe(0)
      expect(scene.clock.now() - started).toBeGreaterThanOrEqual(180_000)
      expect(pauses(outputLines)).toEqual([
        expect.stringMatching(
          /^paused: GitHub asks to slow down \(secondary rate limit\); waiting until \d\d:\d\d:\d\d UTC \(3m 00s\)$/u,
        ),
      ])
      expect(stderr).toBe('')
      expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoE build.yml@DPTA-1'])
      for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^success/u)
    },
  )

  test('a rate-limited dispatch is journaled as a second request of the same attempt and starts exactly one run', async () => {
    await using scene = await changeInBAndE()
    scene.sandbox.faults.add({ method: 'POST', path: dispatching, times: 1, action: limited(60) })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    const { text } = await scene.journal()
    const events = text.split('\n').flatMap((line) => {
      const event = line === '' ? {} : (JSON.parse(line) as { type?: string; job?: string; attempt?: number })
      return event.job === 'repoB' && event.type?.startsWith('dispatch-') ? [`${event.type} ${event.attempt}`] : []
    })
    expect(events).toEqual(['dispatch-requested 1', 'dispatch-requested 1', 'dispatch-accepted 1'])
    expect(scene.conclusions('repoB')).toEqual(['success'])
  })

  test('a rate limit that outlasts the orchestration timeout prevents a second dispatch request', async () => {
    await using scene = await changeInBAndE()
    scene.sandbox.faults.add({ method: 'POST', path: dispatching, times: 1, action: limited(600) })
    const { code, outputLines } = await scene.orch('run DPTA-1 --timeout 5m')
    expect(code).toBe(1)
    expect(scene.dispatches()).toEqual([])
    expect(scene.writes().filter((write) => dispatching.test(write))).toHaveLength(1)
    expect(outputLines.find((line) => line.startsWith('repoB failed'))).toContain('GitHub refused the dispatch')
    for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^error/u)
  })

  test('an exhausted hourly rate limit is waited for until its reset', async () => {
    await using scene = await changeInBAndE()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    scene.sandbox.admin.setRateLimit('developer', 5000, 0)
    const { code, outputLines } = await scene.clock.until(running.ended)
    expect(code).toBe(0)
    expect(pauses(outputLines)).toEqual([
      expect.stringMatching(/^paused: GitHub's rate limit is reached; waiting until/u),
    ])
  })

  test('a rate limit that lasts well over an hour stops a command at once with the reset time', async () => {
    await using scene = await changeInBAndE()
    scene.sandbox.faults.add({ action: limited(86_400) })
    const started = scene.clock.now()
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(scene.clock.now()).toBe(started)
    expect(stderr).toMatch(/127\.0\.0\.1:9 asks to slow down until 2026-11-22T09:00:\d\dZ \(secondary rate limit\)/u)
    expect(scene.sandbox.requests.length).toBeLessThanOrEqual(10)
  })

  test.each(['plan DPTA-1', 'status DPTA-1', 'invalidate DPTA-1'])(
    'a rate limit during orch %s is reported once on stderr and leaves stdout unchanged',
    async (words) => {
      await using quiet = await changeInBAndE()
      await using scene = await changeInBAndE()
      scene.sandbox.faults.add({ path: /\/graphql$/u, times: 1, action: limited(60) })
      const expected = await quiet.orch(words)
      const { code, stdout, stderr } = await scene.orch(words)
      expect(code).toBe(expected.code)
      expect(stdout).toBe(expected.stdout)
      expect(stderr).toMatch(/^GitHub asks to slow down \(secondary rate limit\); waiting until \S+ UTC \(1m 00s\)\n$/u)
    },
  )

  test('a rate limit does not delay an interrupt: the run ends within five seconds and leaves no pending wait', async () => {
    await using scene = await changeInBAndE()
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    scene.sandbox.faults.add({ method: 'GET', action: limited(1800) })
    await scene.clock.advance(60_000)
    const interrupted = scene.clock.now()
    running.signal()
    const { code } = await scene.clock.until(running.ended)
    expect(code).toBe(130)
    expect(scene.clock.now() - interrupted).toBeLessThanOrEqual(5_000)
    expect(scene.conclusions('repoB')).toEqual(['cancelled'])
    expect(scene.clock.hasSleepers()).toBe(false)
  })
})
