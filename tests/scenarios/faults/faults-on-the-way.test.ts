import { describe, expect, test } from 'vitest'
import type { FaultAction } from '../../../src/sandbox/fault-actions.js'
import { drawName, weeklyPart } from '../../support/exhaustive.js'
import { Scene } from '../../support/scene.js'

const reading = /\/actions\/runs\/\d+$/u
const dispatching = /\/dispatches$/u
const asPage = { 'content-type': 'text/html' }
const notFound = { kind: 'respond' as const, status: 404, body: { message: 'Not Found' } }

/** What can go wrong with a reading of a run. tests/github/limits/failures.test.ts has the kinds of answers; each run of these takes a while. */
const readingTroubles: [string, FaultAction][] = [
  ['502', { kind: 'respond', status: 502 }],
  ['502 as a page', { kind: 'respond', status: 502, body: '<html>Bad Gateway</html>', headers: asPage }],
  ['a cut connection', { kind: 'disconnect' }],
  ['no answer', { kind: 'hang' }],
  ['a rate limit', { kind: 'respond', status: 429, body: { message: 'You have exceeded a secondary rate limit' } }],
  [
    'a rate limit with a time',
    { kind: 'respond', status: 403, body: { message: 'slow down' }, headers: { 'retry-after': '45' } },
  ],
  [
    'a permission that is missing for a while',
    { kind: 'respond', status: 403, body: { message: 'Resource not accessible by integration' } },
  ],
  ['a page of a proxy', { kind: 'respond', status: 404, body: '<html>not here</html>' }],
  ['a page of a portal', { kind: 'respond', status: 200, body: '<html>Log in</html>', headers: asPage }],
  ['half an answer', { kind: 'respond', status: 200, body: '{"id": 1, "status": "comple' }],
]

function dispatchRequests(scene: Scene): number {
  return scene.writes().filter((write) => write.endsWith('/dispatches')).length
}

async function changeInB(): Promise<Scene> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  return scene
}

/** Makes both REST and GraphQL fail for repoC; the returned function repairs them. */
function failRepoC(scene: Scene): () => void {
  const { faults } = scene.sandbox
  const mend = [
    faults.add({ action: { kind: 'graphql-partial', repository: 'acme/repoC' } }),
    faults.add({ path: /\/repoC(\/|$)/u, action: { kind: 'respond', status: 500 } }),
  ]
  return () => mend.forEach((each) => each())
}

describe('polling a run', () => {
  test('a fresh run that GitHub does not find yet is read again', async () => {
    await using scene = await changeInB()
    scene.sandbox.faults.add({ path: reading, times: 3, action: notFound })
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(outputLines).toContain('repoB missing GitHub does not find the run; retrying')
  })

  test('a run that stays missing for five minutes ends as lost with status error, and is not dispatched again', async () => {
    await using scene = await changeInB()
    scene.builds.script('acme/repoB').holds()
    scene.sandbox.faults.add({ path: reading, action: notFound })
    const started = scene.clock.now()
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(outputLines.some((line) => line.startsWith('repoB lost'))).toBe(true)
    expect(scene.clock.now() - started).toBeGreaterThanOrEqual(300_000)
    expect(dispatchRequests(scene)).toBe(1)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })

  test.each(weeklyPart(readingTroubles, 3))(
    `polling continues through %s, however often it occurs (${drawName})`,
    async (_, action) => {
      await using scene = await changeInB()
      scene.builds.script('acme/repoB').concludes('success', { after: 20 * 60_000 })
      const remove = scene.sandbox.faults.add({ path: reading, action })
      const running = scene.start('run DPTA-1')
      await scene.untilBuilding('repoB')
      await scene.clock.advance(15 * 60_000)
      expect(dispatchRequests(scene)).toBe(1)
      remove()
      const { code } = await scene.clock.until(running.ended)
      expect(code).toBe(0)
      expect(dispatchRequests(scene)).toBe(1)
      expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^success/u)
    },
  )

  test('a run with an unknown status name is still polled', async () => {
    await using scene = await changeInB()
    scene.builds.script('acme/repoB').concludes('success', { after: 60_000 })
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    const run = scene.sandbox.admin.runs('acme/repoB')[0]
    const body = {
      id: run?.id,
      head_sha: run?.headSha,
      status: 'pondering',
      conclusion: null,
      run_attempt: 1,
      html_url: 'http://127.0.0.1:9/acme/repoB/actions/runs/1',
    }
    scene.sandbox.faults.add({ path: reading, times: 4, action: { kind: 'respond', status: 200, body } })
    const { code, outputLines } = await scene.clock.until(running.ended)
    expect(code).toBe(0)
    expect(outputLines).toContain('repoB pondering')
  })

  test('a cancel request that GitHub fails is sent again', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.change('repoC', 'DPTA-1')
    scene.builds.script('acme/repoB').concludes('failure', { after: 5_000 })
    scene.builds.script('acme/repoC').holds()
    scene.sandbox.faults.add({ method: 'POST', path: /cancel$/u, times: 2, action: { kind: 'respond', status: 502 } })
    const { code } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(scene.conclusions('repoC')).toEqual(['cancelled'])
  })

  test('an unreadable log does not hide the failure of its build', async () => {
    await using scene = await changeInB()
    scene.builds.script('acme/repoB').concludes('failure')
    scene.sandbox.faults.add({ path: /\/logs/u, action: { kind: 'respond', status: 500 } })
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(outputLines.some((line) => line.startsWith('repoB failed at build'))).toBe(true)
    expect(outputLines.some((line) => line.startsWith('repoB no log'))).toBe(true)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^failure/u)
  })
})

describe('ambiguous dispatch', () => {
  test.each([
    ['the connection is cut after it took effect', { kind: 'disconnect-after' as const }],
    ['GitHub answers 502 although it took effect', { kind: 'respond-after' as const, status: 502 }],
    ['the answer does not name the run', { kind: 'respond-after' as const, status: 204 }],
  ])(
    'the run of an ambiguous dispatch (%s) is found and adopted, not dispatched again, and the change is unlocked',
    async (_, action) => {
      await using scene = await changeInB()
      await scene.change('repoE', 'DPTA-1')
      scene.sandbox.faults.add({ method: 'POST', path: dispatching, times: 1, action })
      const { code, outputLines } = await scene.orch('run DPTA-1')
      expect(code).toBe(0)
      expect(scene.dispatches()).toEqual(['repoB build.yml@DPTA-1', 'repoE build.yml@DPTA-1'])
      expect(dispatchRequests(scene)).toBe(2)
      const words = outputLines.flatMap((line) => /^repoB (searching|found|succeeded)\b/u.exec(line)?.[1] ?? [])
      expect(words).toEqual(['searching', 'found', 'succeeded'])
      for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^success/u)
    },
  )

  test.each([
    ['GitHub answers 502 and nothing started', { kind: 'respond' as const, status: 502 }],
    ['the connection is cut on the way', { kind: 'disconnect' as const }],
    ['no answer ever comes', { kind: 'hang' as const }],
  ])(
    'the job of an ambiguous dispatch (%s) ends unknown after two minutes and is not dispatched again',
    async (_, action) => {
      await using scene = await changeInB()
      await scene.change('repoE', 'DPTA-1')
      scene.sandbox.faults.add({ method: 'POST', path: dispatching, times: 1, action })
      const started = scene.clock.now()
      const { code, outputLines } = await scene.orch('run DPTA-1')
      expect(code).toBe(1)
      expect(scene.clock.now() - started).toBeGreaterThanOrEqual(120_000)
      expect(scene.clock.now() - started).toBeLessThan(240_000)
      expect(dispatchRequests(scene)).toBe(1)
      expect(scene.dispatches()).toEqual([])
      const end = outputLines.find((line) => line.startsWith('repoB unknown'))
      expect(end).toContain('it is not known whether a run started')
      expect(end).toContain('no run appeared')
      expect(outputLines.some((line) => line.startsWith('repoE not run'))).toBe(true)
      for (const name of ['repoB', 'repoE']) expect(await scene.status(name, 'DPTA-1')).toMatch(/^error/u)
    },
  )
})

describe('failed status posts', () => {
  const posting = /\/statuses\/[0-9a-f]{40}$/u

  test('a status post that fails temporarily is retried', async () => {
    await using scene = await changeInB()
    scene.sandbox.faults.add({ method: 'POST', path: posting, times: 2, action: { kind: 'respond', status: 502 } })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^success/u)
  })

  test('a head that cannot be locked prevents every build', async () => {
    await using scene = await changeInB()
    await scene.change('repoD', 'DPTA-1')
    scene.sandbox.faults.add({
      method: 'POST',
      path: /repoD\/statuses/u,
      action: {
        kind: 'respond',
        status: 422,
        body: { message: 'This SHA and context has reached the maximum number of statuses.' },
      },
    })
    const { code, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stdout).toContain('nothing was built, because acme/repoD could not be locked')
    expect(dispatchRequests(scene)).toBe(0)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })

  test('a success that cannot be posted on one head is revoked on the others', async () => {
    await using scene = await changeInB()
    const inD = await scene.change('repoD', 'DPTA-1')
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    scene.sandbox.faults.add({ method: 'POST', path: /repoB\/statuses/u, action: { kind: 'respond', status: 502 } })
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(stdout).toContain('success could not be posted on acme/repoB')
    expect(await scene.status('repoD', 'DPTA-1')).toMatch(/^pending run:ID revoked:/u)
    expect(await scene.merge('repoD', inD)).toMatch(/405/u)
  })
})

describe('reading the change', () => {
  test('a reading of the change that fails temporarily is retried', async () => {
    await using scene = await changeInB()
    scene.sandbox.faults.add({ path: '/repos/acme/repoC', times: 1, action: { kind: 'respond', status: 503 } })
    expect((await scene.orch('run DPTA-1')).code).toBe(0)
  })

  test('a repository that cannot be read stops the run and is not treated as one without the branch', async () => {
    await using scene = await changeInB()
    failRepoC(scene)
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('acme/repoC could not be read')
    expect(scene.writes()).toEqual([])
    expect(await scene.files()).toEqual([])
  })

  test('a reading that fails after all builds is retried for ten minutes before success is given up', async () => {
    await using scene = await changeInB()
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    const remove = failRepoC(scene)
    scene.builds.script('acme/repoB').release('success')
    await scene.clock.advance(5 * 60_000)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^pending/u)
    remove()
    expect((await scene.clock.until(running.ended)).code).toBe(0)
  })

  test('a change that stays unreadable after all builds ends locked', async () => {
    await using scene = await changeInB()
    scene.builds.script('acme/repoB').holds()
    const running = scene.start('run DPTA-1')
    await scene.untilBuilding('repoB')
    failRepoC(scene)
    scene.builds.script('acme/repoB').release('success')
    const { code, stdout } = await scene.clock.until(running.ended)
    expect(code).toBe(1)
    expect(stdout).toContain('the change could not be read again')
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error/u)
  })

  test('a run without a network reports a clear error and writes nothing', async () => {
    await using scene = await changeInB()
    scene.sandbox.faults.add({ action: { kind: 'disconnect' } })
    const { code, stderr } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(stderr).toContain('the connection to 127.0.0.1:9 broke')
    expect(stderr).toContain('what to do: ')
    expect(stderr).not.toContain('at Object')
    expect(await scene.files()).toEqual([])
  })
})
