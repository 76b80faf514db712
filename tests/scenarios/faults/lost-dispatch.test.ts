import { describe, expect, test } from 'vitest'
import type { FaultAction } from '../../../src/sandbox/fault-actions.js'
import { Scene } from '../../support/scene.js'

const branch = 'DPTA-1'
const dispatching = /\/dispatches$/u
const listing = /\/actions\/workflows\/build\.yml\/runs$/u
const cutAfter: FaultAction = { kind: 'disconnect-after' }
const cutBefore: FaultAction = { kind: 'disconnect' }
/** Listings do not show the runs of the last four minutes. */
const lateListing = { path: listing, action: { kind: 'late-runs' as const, ms: 240_000 } }

const marked = [
  'run-name: "build [orch:${{ inputs.orch_id }}]"',
  'on:',
  '  workflow_dispatch:',
  '    inputs:',
  '      orch_id: { type: string }',
  "jobs: { build: { runs-on: x, steps: [{ run: 'true' }] } }",
].join('\n')

function graphOf({ file = '', job = '' }: { file?: string; job?: string }): string {
  return `version: 1\nowner: acme\nbranches: DPTA-*\n${file}jobs:\n  repoB: { ${job} }\n`
}

const again = graphOf({ file: 'on-lost-dispatch: dispatch-again\n' })

/** A change in repoB only, whose first dispatches, one unless said, are cut off. */
async function changeInB(
  graph: string,
  action: FaultAction,
  { times = 1, isMarked = false }: { times?: number; isMarked?: boolean } = {},
): Promise<Scene> {
  const scene = await Scene.open({ graph })
  if (isMarked) await scene.push('repoB', 'main', { '.github/workflows/build.yml': marked })
  await scene.change('repoB', branch)
  scene.builds.script('acme/repoB').concludes('success', { after: 10 * 60_000, times: 2 })
  scene.sandbox.faults.add({ method: 'POST', path: dispatching, times, action })
  return scene
}

function dispatchRequests(scene: Scene): number {
  return scene.writes().filter((write) => write.endsWith('/dispatches')).length
}

describe('on-lost-dispatch', () => {
  test('stop, the default, ends the job as unknown and dispatches nothing again', async () => {
    for (const graph of [graphOf({}), graphOf({ job: 'on-lost-dispatch: stop' })]) {
      await using scene = await changeInB(graph, cutBefore)
      const { code, stdout } = await scene.orch(`run ${branch}`)
      expect(code).toBe(1)
      expect(stdout).toContain('no run appeared')
      expect(dispatchRequests(scene)).toBe(1)
    }
  })

  test('dispatch-again dispatches once more after two minutes without a run, and the change goes green', async () => {
    await using scene = await changeInB(again, cutBefore)
    const started = scene.clock.now()
    const { code, stdout } = await scene.orch(`run ${branch}`)
    expect(code).toBe(0)
    expect(stdout).toMatch(/repoB +dispatching again +no run of attempt 1 appeared; attempt 2/u)
    expect(dispatchRequests(scene)).toBe(2)
    expect(scene.dispatches()).toHaveLength(1)
    expect(scene.clock.now() - started).toBeGreaterThan(12 * 60_000)
  })

  test('dispatch-again of one job does not concern the others', async () => {
    await using scene = await changeInB(graphOf({ job: 'on-lost-dispatch: dispatch-again' }), cutBefore)
    expect((await scene.orch(`run ${branch}`)).code).toBe(0)
    await using other = await changeInB(
      graphOf({ file: 'on-lost-dispatch: dispatch-again\n', job: 'on-lost-dispatch: stop' }),
      cutBefore,
    )
    expect((await other.orch(`run ${branch}`)).code).toBe(1)
    expect(dispatchRequests(other)).toBe(1)
  })

  test('dispatch-again happens once: a second dispatch that leaves no run ends the job as unknown', async () => {
    await using scene = await changeInB(again, cutBefore, { times: 3 })
    const { code, stdout } = await scene.orch(`run ${branch}`)
    expect(code).toBe(1)
    expect(stdout).toContain('no run appeared')
    expect(dispatchRequests(scene)).toBe(2)
  })

  test.each([true, false])(
    'dispatch-again cancels the older run that turns up later, and only the newer one counts (marker: %s)',
    async (isMarked) => {
      await using scene = await changeInB(again, cutAfter, { isMarked })
      scene.sandbox.faults.add(lateListing)
      const { code, stdout } = await scene.orch(`run ${branch}`)
      expect(code).toBe(0)
      expect(scene.conclusions('repoB')).toEqual(['cancelled', 'success'])
      const [older, newer] = scene.sandbox.admin.runs('acme/repoB')
      expect(stdout).toMatch(new RegExp(`repoB +cancelling +run ${older?.id} of the lost attempt 1`, 'u'))
      if (isMarked) expect(newer?.displayTitle).toMatch(/\.repoB\.2\./u)
      expect(scene.sandbox.requests.filter(({ path }) => path.endsWith('/cancel'))).toHaveLength(1)
    },
  )

  test('dispatch-again without the marker does not cancel a run that the same user dispatched later', async () => {
    await using scene = await changeInB(again, cutBefore)
    const running = scene.start(`run ${branch}`)
    await scene.untilBuilding('repoB')
    await scene.sandbox.fetch(
      new Request('http://127.0.0.1:9/repos/acme/repoB/actions/workflows/build.yml/dispatches', {
        method: 'POST',
        headers: { authorization: `Bearer ${scene.sandbox.token}` },
        body: JSON.stringify({ ref: branch }),
      }),
    )
    expect((await scene.clock.until(running.ended)).code).toBe(0)
    expect(scene.sandbox.requests.filter(({ path }) => path.endsWith('/cancel'))).toEqual([])
  })
})
