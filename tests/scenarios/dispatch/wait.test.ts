import { describe, expect, test } from 'vitest'
import { plainReceiver, sceneWithReceivers, sendAnother, sentEvents } from './receivers.js'

const events = '/repos/acme/docs/dispatches'
const wait = 'dispatch published --repo acme/docs --wait'

describe('orch dispatch --wait', () => {
  test('waits for the runs of all repositories and succeeds with them', async () => {
    await using scene = await sceneWithReceivers()
    const { code, outputLines } = await scene.orch(`${wait} --repo acme/website`)
    for (const name of ['docs', 'website'])
      expect(outputLines).toContainEqual(
        expect.stringMatching(`✔ acme/${name} docs.yml succeeded http\\S+/actions/runs/\\d+`),
      )
    expect(code).toBe(0)
    expect(scene.conclusions('docs')).toEqual(['success'])
  })

  test('finds its run by the id in the title, among other runs of the same event', async () => {
    await using scene = await sceneWithReceivers()
    scene.before('POST', /docs\/dispatches$/u, () => sendAnother(scene))
    scene.builds.script('acme/docs').concludes('failure')
    const { code, stdout } = await scene.orch(`${wait} --json`)
    expect(code).toBe(0)
    const [other, own] = scene.sandbox.admin.runs('acme/docs')
    expect(JSON.parse(stdout)).toMatchObject({ repositories: [{ runs: [{ runId: own?.id, outcome: 'succeeded' }] }] })
    expect(other?.attempts.at(-1)?.conclusion).toBe('failure')
    expect(own?.displayTitle).toMatch(/^docs \[[a-z0-9]{16}\]$/u)
  })

  test.each(['failure', 'cancelled', 'timed_out', 'skipped', 'neutral'] as const)(
    'a run that concludes %s is not a success',
    async (conclusion) => {
      await using scene = await sceneWithReceivers()
      scene.builds.script('acme/docs').concludes(conclusion)
      const { code, stderr } = await scene.orch(wait)
      expect(stderr).toContain(`its run concluded ${conclusion}`)
      expect(code).toBe(1)
    },
  )

  test('an event without an answer is found by its run, and not sent again', async () => {
    await using scene = await sceneWithReceivers()
    scene.sandbox.faults.add({ method: 'POST', path: events, action: { kind: 'disconnect-after' } })
    const { code, stdout } = await scene.orch(wait)
    expect(stdout).toContain('docs.yml  succeeded')
    expect(code).toBe(0)
    expect(sentEvents(scene)).toHaveLength(1)
  })

  test('an event that never arrived is unknown after two minutes, and not sent again', async () => {
    await using scene = await sceneWithReceivers()
    scene.sandbox.faults.add({ method: 'POST', path: events, action: { kind: 'disconnect' } })
    const { code, stdout } = await scene.orch(`${wait} --json`)
    expect(JSON.parse(stdout)).toMatchObject({
      succeeded: false,
      repositories: [{ result: 'unknown', runs: [{ runId: null, outcome: 'unknown', reason: 'no run appeared' }] }],
    })
    expect(code).toBe(1)
    expect(sentEvents(scene)).toHaveLength(1)
  })

  test('without the id in the title the only run of that time is taken', async () => {
    await using scene = await sceneWithReceivers(plainReceiver)
    expect((await scene.orch(wait)).code).toBe(0)
    expect(sentEvents(scene).map(({ body }) => body)).toEqual([{ event_type: 'published', client_payload: {} }])
  })

  test.each(['POST', 'GET'])(
    'without the id in the title, another run at the same time makes it unknown (%s)',
    async (method) => {
      await using scene = await sceneWithReceivers(plainReceiver)
      // The other run appears before the event, or after its run was found.
      const path = method === 'POST' ? /docs\/dispatches$/u : /docs\/actions\/runs\/\d+$/u
      scene.before(method, path, () => sendAnother(scene))
      const { code, stderr } = await scene.orch(wait)
      expect(stderr).toContain('it is not known which of them is of this event')
      expect(code).toBe(1)
    },
  )

  test('a payload with an orch_id of its own is sent as it is', async () => {
    await using scene = await sceneWithReceivers()
    expect((await scene.orch(`${wait} --field orch_id=mine`)).code).toBe(0)
    expect(sentEvents(scene).map(({ body }) => body)).toMatchObject([{ client_payload: { orch_id: 'mine' } }])
  })

  test('a payload that has no room for the id is refused before anything is sent', async () => {
    await using scene = await sceneWithReceivers()
    const fields = 'abcdefghij'
      .split('')
      .map((key) => `--field ${key}=1`)
      .join(' ')
    const { code, stderr } = await scene.orch(`${wait} ${fields}`)
    expect(stderr).toContain('the workflow of acme/docs asks for the key orch_id')
    expect(code).toBe(2)
    expect(sentEvents(scene)).toEqual([])
  })

  test('nothing is sent where no enabled workflow waits for the event', async () => {
    await using scene = await sceneWithReceivers()
    const { code, stderr } = await scene.orch('dispatch other --repo acme/docs --wait')
    expect(stderr).toContain('no workflow of acme/docs runs on the event other')
    expect(code).toBe(1)
    scene.sandbox.admin.setWorkflowState('acme/docs', '.github/workflows/docs.yml', 'disabled_manually')
    expect((await scene.orch(wait)).code).toBe(1)
    expect(sentEvents(scene)).toEqual([])
  })

  test('every workflow that the event starts is awaited', async () => {
    await using scene = await sceneWithReceivers()
    await scene.push('docs', 'main', { '.github/workflows/more.yml': plainReceiver })
    scene.builds.script('acme/docs', 'more.yml').concludes('failure')
    const { code, stderr } = await scene.orch(wait)
    expect(stderr).toContain('more.yml of acme/docs failed')
    expect(stderr).not.toContain('docs.yml of')
    expect(code).toBe(1)
  })

  test('Ctrl-C cancels the run and returns 130', async () => {
    await using scene = await sceneWithReceivers()
    scene.builds.script('acme/docs').holds()
    const running = scene.start(wait)
    await scene.untilBuilding('docs')
    await scene.clock.advance(30_000)
    running.signal()
    const { code, stderr } = await scene.clock.until(running.ended)
    expect(stderr).toContain('it was interrupted, so its run is being cancelled')
    expect(code).toBe(130)
    await scene.clock.until(scene.sandbox.admin.idle())
    expect(scene.conclusions('docs')).toEqual(['cancelled'])
  })

  test('Ctrl-C ends the command within ten seconds even if GitHub answers nothing any more', async () => {
    await using scene = await sceneWithReceivers()
    scene.builds.script('acme/docs').holds()
    const running = scene.start(wait)
    await scene.untilBuilding('docs')
    scene.sandbox.faults.add({ action: { kind: 'hang' } })
    await scene.clock.advance(10_000)
    const signalled = scene.clock.now()
    running.signal()
    expect((await scene.clock.until(running.ended)).code).toBe(130)
    expect(scene.clock.now() - signalled).toBeLessThanOrEqual(10_000)
  })

  test('a run that takes longer than --timeout is cancelled', async () => {
    await using scene = await sceneWithReceivers()
    scene.builds.script('acme/docs').holds()
    const { code, stderr } = await scene.orch(`${wait} --timeout 5m`)
    expect(stderr).toContain('docs.yml of acme/docs timed out')
    expect(code).toBe(1)
    await scene.clock.until(scene.sandbox.admin.idle())
    expect(scene.conclusions('docs')).toEqual(['cancelled'])
  })

  test('failures of GitHub while it waits are outlasted', async () => {
    await using scene = await sceneWithReceivers()
    scene.sandbox.faults.add({
      method: 'GET',
      path: /actions/u,
      probability: 0.5,
      lasts: 30_000,
      action: { kind: 'respond', status: 502 },
    })
    scene.builds.script('acme/docs').concludes('success', { after: 60_000 })
    expect((await scene.orch(wait)).code).toBe(0)
  })
})
