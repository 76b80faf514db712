import { describe, expect, test } from 'vitest'
import type { FaultAction } from '../../../src/sandbox/fault-actions.js'
import { Scene } from '../../support/scene.js'

const branch = 'DPTA-1'
const dispatching = /\/dispatches$/u
const listing = /\/actions\/workflows\/build\.yml\/runs$/u
const cutAfter: FaultAction = { kind: 'disconnect-after' }
const cutBefore: FaultAction = { kind: 'disconnect' }

const runName = 'run-name: "build [orch:${{ inputs.orch_id }}]"\n'
const declaration = '\n    inputs:\n      orch_id: { type: string }'

function workflow(head: string, inputs: string): Record<string, string> {
  const jobs = "jobs: { build: { runs-on: x, steps: [{ run: 'true' }] } }\n"
  return { '.github/workflows/build.yml': `${head}on:\n  workflow_dispatch:${inputs}\n${jobs}` }
}

const marked = workflow(runName, declaration)

/** Creates a change in repoB only, whose workflow is in `files` if given. */
async function changeInB(files: Record<string, string> = {}, graph?: string): Promise<Scene> {
  const scene = await Scene.open(graph === undefined ? {} : { graph })
  if (Object.keys(files).length > 0) await scene.push('repoB', 'main', files)
  await scene.change('repoB', branch)
  return scene
}

/** Sends a request with the token of the command, from outside the command. */
async function post(scene: Scene, path: string, body: object): Promise<void> {
  const response = await scene.sandbox.fetch(
    new Request(`http://127.0.0.1:9/repos/acme/repoB${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${scene.sandbox.token}` },
      body: JSON.stringify(body),
    }),
  )
  if (!response.ok) throw new Error(`${path} was answered with ${response.status}`)
}

/** A dispatch by another client with the same user; the command does not see it. */
function dispatchElsewhere(scene: Scene, inputs: object = {}, ref = branch): Promise<void> {
  return post(scene, '/actions/workflows/build.yml/dispatches', { ref, inputs })
}

/** Runs `act` right before the dispatch of the command, then makes the dispatch fail. */
function loseDispatch(scene: Scene, action: FaultAction, act: () => Promise<unknown> = () => Promise.resolve()): void {
  scene.before('POST', dispatching, async () => {
    await act()
    scene.sandbox.faults.add({ method: 'POST', path: dispatching, times: 1, action })
  })
}

/** IDs of the runs that the journal lists as adopted. */
async function adopted(scene: Scene): Promise<unknown[]> {
  const { text } = await scene.journal()
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; runId?: number })
  expect(events.filter(({ type }) => type === 'dispatch-requested')).toHaveLength(1)
  return events.filter(({ type }) => type === 'run-adopted').map(({ runId }) => runId)
}

function runIds(scene: Scene): number[] {
  return scene.sandbox.admin.runs('acme/repoB').map(({ id }) => id)
}

function sentInputs(scene: Scene): unknown {
  const sent = scene.sandbox.requests.filter(({ path }) => dispatching.test(path))
  return (sent.at(-1)?.body as { inputs?: unknown } | undefined)?.inputs
}

describe('search with the marker', () => {
  test('a search with the marker adopts exactly our run when the same user dispatched the same commit at the same time', async () => {
    await using scene = await changeInB(marked)
    scene.builds.script('acme/repoB').concludes('failure')
    loseDispatch(scene, cutAfter, () => dispatchElsewhere(scene, { orch_id: 'somebody.else.1' }))
    const { code } = await scene.orch(`run ${branch}`)
    expect(code).toBe(0)
    const [theirs, ours] = scene.sandbox.admin.runs('acme/repoB')
    expect(theirs?.inputs.orch_id).toBe('somebody.else.1')
    expect(ours?.displayTitle).toMatch(/^build \[orch:[a-z0-9]+\.repoB\.1\.[0-9a-f]{12}\]$/u)
    expect(await adopted(scene)).toEqual([ours?.id])
    expect(await scene.status('repoB', branch)).toMatch(/^success/u)
  })

  test('a search with the marker does not adopt a foreign run when ours never started', async () => {
    await using scene = await changeInB(marked)
    loseDispatch(scene, cutBefore, () => dispatchElsewhere(scene, { orch_id: 'somebody.else.1' }))
    const { code } = await scene.orch(`run ${branch}`)
    expect(code).toBe(1)
    expect(runIds(scene)).toHaveLength(1)
    expect(await adopted(scene)).toEqual([])
    expect(await scene.status('repoB', branch)).toMatch(/^error/u)
  })

  test('a search with the marker finds and cancels our run of a moved branch, and the change ends superseded', async () => {
    await using scene = await changeInB(marked)
    scene.builds.script('acme/repoB').holds()
    loseDispatch(scene, cutAfter, () => scene.push('repoB', branch))
    const { code, outputLines } = await scene.orch(`run ${branch}`)
    expect(code).toBe(1)
    expect(await adopted(scene)).toEqual(runIds(scene))
    expect(scene.conclusions('repoB')).toEqual(['cancelled'])
    expect(outputLines.some((line) => line.startsWith('repoB moved'))).toBe(true)
  })
})

describe('search without the marker', () => {
  test('a search without the marker adopts neither of two runs, and the job ends unknown', async () => {
    await using scene = await changeInB()
    loseDispatch(scene, cutAfter, () => dispatchElsewhere(scene))
    const { code, outputLines } = await scene.orch(`run ${branch}`)
    expect(code).toBe(1)
    expect(runIds(scene)).toHaveLength(2)
    expect(await adopted(scene)).toEqual([])
    expect(outputLines.find((line) => line.startsWith('repoB unknown'))).toContain('2 runs match')
    expect(await scene.status('repoB', branch)).toMatch(/^error/u)
  })

  test('a search without the marker does not adopt a run of another commit', async () => {
    await using scene = await changeInB()
    loseDispatch(scene, cutBefore, async () => {
      await scene.push('repoB', branch)
      await dispatchElsewhere(scene)
    })
    expect((await scene.orch(`run ${branch}`)).code).toBe(1)
    expect(runIds(scene)).toHaveLength(1)
    expect(await adopted(scene)).toEqual([])
  })

  test('a search without the marker does not adopt a run of another branch at the same commit', async () => {
    await using scene = await changeInB()
    const sha = await scene.head('repoB', branch)
    await post(scene, '/git/refs', { ref: 'refs/heads/other', sha })
    loseDispatch(scene, cutBefore, () => dispatchElsewhere(scene, {}, 'other'))
    expect((await scene.orch(`run ${branch}`)).code).toBe(1)
    expect(scene.sandbox.admin.runs('acme/repoB').map(({ headSha }) => headSha)).toEqual([sha])
    expect(await adopted(scene)).toEqual([])
  })

  test.each([
    ['and adopts nothing when ours never started', cutBefore, 1],
    ['and adopts ours when it did start', cutAfter, 0],
  ])('a search without the marker ignores an earlier run of the same commit, %s', async (_, action, exitCode) => {
    await using scene = await changeInB()
    await dispatchElsewhere(scene)
    await scene.clock.advance(5_000)
    loseDispatch(scene, action)
    expect((await scene.orch(`run ${branch}`)).code).toBe(exitCode)
    expect(await adopted(scene)).toEqual(runIds(scene).slice(1))
  })
})

describe('run listing', () => {
  test('a run listing that fails temporarily is requested again, and the run is found', async () => {
    await using scene = await changeInB()
    loseDispatch(scene, cutAfter)
    scene.sandbox.faults.add({ method: 'GET', path: listing, times: 12, action: { kind: 'respond', status: 502 } })
    const { code, outputLines } = await scene.orch(`run ${branch}`)
    expect(code).toBe(0)
    expect(outputLines.some((line) => line.startsWith('repoB not listed'))).toBe(true)
    expect(await adopted(scene)).toEqual(runIds(scene))
  })

  test('a run that the listing shows late is found', async () => {
    await using scene = await changeInB()
    loseDispatch(scene, cutAfter)
    const body = { total_count: 0, workflow_runs: [] }
    scene.sandbox.faults.add({ method: 'GET', path: listing, times: 5, action: { kind: 'respond', status: 200, body } })
    expect((await scene.orch(`run ${branch}`)).code).toBe(0)
    const { text } = await scene.journal()
    expect(text.match(/"runs-listed","job":"repoB","found":\[\]|"run-adopted"/gu)).toEqual([
      ...Array.from({ length: 5 }, () => '"runs-listed","job":"repoB","found":[]'),
      '"run-adopted"',
    ])
    expect(await adopted(scene)).toEqual(runIds(scene))
  })

  test('a run listing that never succeeds ends in an unknown job, not in a second dispatch', async () => {
    await using scene = await changeInB()
    loseDispatch(scene, cutAfter)
    scene.sandbox.faults.add({ method: 'GET', path: listing, action: { kind: 'respond', status: 502 } })
    const { code, outputLines } = await scene.orch(`run ${branch}`)
    expect(code).toBe(1)
    expect(outputLines.find((line) => line.startsWith('repoB unknown'))).toContain('the runs could not be listed')
    expect(runIds(scene)).toHaveLength(1)
    expect(await adopted(scene)).toEqual([])
  })
})

test('a server without return_run_details receives the dispatch without it, and the one run that starts is found', async () => {
  await using scene = await changeInB()
  const body = { message: 'Invalid request.\n\n"return_run_details" is not a permitted key.' }
  loseDispatch(scene, { kind: 'respond', status: 422, body })
  const { code, outputLines } = await scene.orch(`run ${branch}`)
  expect(code).toBe(0)
  const keys = scene.sandbox.requests.filter(({ path }) => dispatching.test(path)).map(({ body }) => body)
  expect(keys).toEqual([
    { ref: branch, inputs: {}, return_run_details: true },
    { ref: branch, inputs: {} },
  ])
  expect(runIds(scene)).toHaveLength(1)
  expect(await adopted(scene)).toEqual(runIds(scene))
  expect(outputLines.some((line) => line.startsWith('repoB found'))).toBe(true)
})

describe('input orch_id', () => {
  test.each([
    [
      'that declares it and shows it',
      marked,
      { orch_id: expect.stringMatching(/^[a-z0-9]+\.repoB\.1\.[0-9a-f]{12}$/u) as string },
    ],
    ['that declares it but does not show it', workflow('', declaration), {}],
    ['that shows it but does not declare it', workflow(runName, ''), {}],
    ['that neither declares nor shows it', workflow('', ''), {}],
  ])('orch_id is sent only if the workflow declares and shows it: a workflow %s', async (_, files, inputs) => {
    await using scene = await changeInB(files)
    expect((await scene.orch(`run ${branch}`)).code).toBe(0)
    expect(sentInputs(scene)).toEqual(inputs)
  })

  test('orch_id from the graph file replaces the generated one and disables the marker', async () => {
    const graph = 'version: 1\nowner: acme\nbranches: DPTA-*\njobs: { repoB: { inputs: { orch_id: mine } } }\n'
    await using scene = await changeInB(marked, graph)
    loseDispatch(scene, cutAfter)
    expect((await scene.orch(`run ${branch}`)).code).toBe(0)
    expect(sentInputs(scene)).toEqual({ orch_id: 'mine' })
    expect(await adopted(scene)).toEqual(runIds(scene))
  })
})
