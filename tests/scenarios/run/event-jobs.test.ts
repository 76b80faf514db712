import { describe, expect, test } from 'vitest'
import { buildWorkflow, markedWorkflow } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const branch = 'DPTA-1'
const graph = `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoB: {}
  docs:
    needs: repoB
    event-type: built
    payload: { branch: '\${{ branch }}', built: '\${{ needs.repoB.head-sha }}', deep: { level: 1, of: ['\${{ branch }}'] } }
`
const receiver = `run-name: "docs [\${{ github.event.client_payload.orch_id }}]"
on: { repository_dispatch: { types: [built] } }
jobs: { docs: { runs-on: x, steps: [{ run: "true" }] } }
`
const events = '/repos/acme/docs/dispatches'
const lostAnswer = { method: 'POST', path: events, times: 1, action: { kind: 'disconnect-after' as const } }

/** A change in repoB, on whose build the docs are told by an event. */
async function changeWithDocs({
  file = receiver,
  text = graph,
  build = buildWorkflow,
}: { file?: string; text?: string; build?: string } = {}): Promise<Scene> {
  const scene = await Scene.open({ graph: text })
  await scene.push('repoB', 'main', { '.github/workflows/build.yml': build })
  await scene.sandbox.admin.createRepository('acme/docs')
  await scene.sandbox.admin.commit('acme/docs', 'main', { '.github/workflows/docs.yml': file })
  await scene.change('repoB', branch)
  return scene
}

function sent(scene: Scene): unknown[] {
  return scene.sandbox.requests.flatMap(({ method, path, body }) =>
    method === 'POST' && path === events ? [(body as { client_payload: unknown }).client_payload] : [],
  )
}

describe('a job with an event-type', () => {
  test('sends its event after its needs, waits for the run of the default branch, and unlocks the change', async () => {
    await using scene = await changeWithDocs()
    const main = await scene.head('docs', 'main')
    const { code, stdout } = await scene.orch(`run ${branch}`)
    expect(stdout).toContain(`default branch main ${main.slice(0, 7)}`)
    expect(stdout).toMatch(/docs +searching +for the run of the event built/u)
    expect(code).toBe(0)
    expect(scene.dispatches()).toEqual([`repoB build.yml@${branch}`, 'docs docs.yml@main'])
    const built = await scene.head('repoB', branch)
    expect(sent(scene)).toEqual([
      {
        branch,
        built,
        deep: { level: 1, of: [branch] },
        orch_id: expect.stringMatching(/^[a-z0-9]{16}\.docs\.1\.[0-9a-f]{12}$/u) as unknown,
      },
    ])
    expect(await scene.status('repoB', branch)).toMatch(/^success/u)
    expect(scene.sandbox.admin.statuses('acme/docs', main)).toEqual([])
    expect((await scene.orch(`status ${branch}`)).code).toBe(0)
  })

  test('keeps the change locked if its run fails', async () => {
    await using scene = await changeWithDocs()
    scene.builds.script('acme/docs').concludes('failure')
    expect((await scene.orch(`run ${branch}`)).code).toBe(1)
    expect(await scene.status('repoB', branch)).toMatch(/^failure/u)
  })

  test('is shown in a plan with its event, and in JSON', async () => {
    await using scene = await changeWithDocs()
    const { code, stdout } = await scene.orch(`plan ${branch}`)
    expect(stdout).toContain('docs.yml on the event built')
    expect(code).toBe(0)
    const { jobs } = JSON.parse((await scene.orch(`plan ${branch} --json`)).stdout) as { jobs: unknown[] }
    expect(jobs).toMatchObject([
      { eventType: null },
      { job: 'docs', workflow: 'docs.yml', eventType: 'built', defaultBranch: 'main' },
    ])
    expect(scene.writes()).toEqual([])
  })

  test('is not sent again while nothing has changed since its success', async () => {
    await using scene = await changeWithDocs()
    await scene.orch(`run ${branch}`)
    const { code, stdout } = await scene.orch(`run ${branch} --new`)
    expect(code).toBe(0)
    expect(stdout).toMatch(/docs +fresh/u)
    expect(sent(scene)).toHaveLength(1)
    const other = graph.replace('level: 1', 'level: 2')
    await using changed = await changeWithDocs({ text: other })
    expect((await changed.orch(`run ${branch}`)).code).toBe(0)
  })

  test('is skipped without the branch only if the graph file says so', async () => {
    await using scene = await changeWithDocs({
      text: graph.replace('event-type: built', 'event-type: built\n    without-branch: skip'),
    })
    const { code } = await scene.orch(`run ${branch}`)
    expect(code).toBe(0)
    expect(sent(scene)).toEqual([])
  })

  test('is never sent twice after an answer that was lost', async () => {
    await using scene = await changeWithDocs()
    scene.sandbox.faults.add(lostAnswer)
    const { code } = await scene.orch(`run ${branch}`)
    expect(code).toBe(0)
    expect(sent(scene)).toHaveLength(1)
  })

  test('orch resume finds the run of an event whose answer died with the process', async () => {
    await using scene = await changeWithDocs()
    const network = { isCut: false }
    // The event takes effect, and the machine is lost before the answer.
    scene.sandbox.faults.add({ ...lostAnswer, action: { kind: 'hang-after' } })
    scene.start(`run ${branch}`, { network })
    await scene.untilAsked('POST', /docs\/dispatches$/u)
    await scene.clock.advance(1_000)
    network.isCut = true
    const { code, stdout } = await scene.orch('resume', { processes: { isAlive: () => false, pid: 2 }, seed: 8 })
    expect(stdout).toMatch(/docs +found/u)
    expect(code).toBe(0)
    expect(sent(scene)).toHaveLength(1)
    expect(scene.conclusions('docs')).toEqual(['success'])
  })

  test('orch resume never sends an event again that may not have arrived', async () => {
    await using scene = await changeWithDocs()
    const network = { isCut: false }
    scene.sandbox.faults.add({ ...lostAnswer, action: { kind: 'hang' } })
    scene.start(`run ${branch}`, { network })
    await scene.untilAsked('POST', /docs\/dispatches$/u)
    await scene.clock.advance(1_000)
    network.isCut = true
    const { code, stdout } = await scene.orch('resume', { processes: { isAlive: () => false, pid: 2 }, seed: 8 })
    expect(stdout).toContain('no run appeared')
    expect(code).toBe(1)
    expect(sent(scene)).toHaveLength(1)
    expect(scene.conclusions('docs')).toEqual([])
  })

  test('a start for the same CI event on another machine adopts the run of an event that was sent before', async () => {
    await using scene = await changeWithDocs({ build: markedWorkflow })
    const network = { isCut: false }
    scene.builds.script('acme/docs').holds()
    const command = `run ${branch} --event ci-7`
    scene.start(command, { network, directory: await scene.anotherFolder() })
    await scene.untilBuilding('docs')
    network.isCut = true
    scene.builds.script('acme/docs').release('success')
    const { code, stdout } = await scene.orch(command, { seed: 8 })
    expect(stdout).toMatch(/docs +found/u)
    expect(code).toBe(0)
    expect(sent(scene)).toHaveLength(1)
  })

  test('gets what its needs hand on as a key of the payload', async () => {
    await using scene = await changeWithDocs({ text: graph.replace('repoB: {}', 'repoB: { handoff: true }') })
    expect((await scene.orch(`run ${branch}`)).code).toBe(0)
    const run = scene.sandbox.admin.runs('acme/repoB').at(-1)
    const [payload] = sent(scene) as { handoff: string }[]
    expect(JSON.parse(payload?.handoff ?? '')).toEqual([
      { job: 'repoB', repository: 'acme/repoB', run_id: run?.id, artifact: 'trigger-context' },
    ])
  })

  test('a refused event fails the job at once, with the permission that is missing', async () => {
    await using scene = await changeWithDocs()
    const body = { message: 'Resource not accessible by personal access token' }
    scene.sandbox.faults.add({ method: 'POST', path: events, action: { kind: 'respond', status: 403, body } })
    const { code, stdout } = await scene.orch(`run ${branch}`)
    expect(stdout).toContain('Contents: write')
    expect(code).toBe(4)
  })

  test('a default branch that moved before GitHub handled the event fails the job as moved', async () => {
    await using scene = await changeWithDocs()
    scene.before('POST', /docs\/dispatches$/u, () => scene.push('docs', 'main'))
    const { code, stdout } = await scene.orch(`run ${branch}`)
    expect(stdout).toContain('instead of the planned')
    expect(code).toBe(1)
  })

  test('Ctrl-C cancels the run of an event', async () => {
    await using scene = await changeWithDocs()
    scene.builds.script('acme/docs').holds()
    const running = scene.start(`run ${branch}`)
    await scene.untilBuilding('docs')
    await scene.clock.advance(30_000)
    running.signal()
    expect((await scene.clock.until(running.ended)).code).toBe(130)
    await scene.clock.until(scene.sandbox.admin.idle())
    expect(scene.conclusions('docs')).toEqual(['cancelled'])
  })

  test.each([
    [receiver.replace('[built]', '[other]'), 'no workflow on the default branch of acme/docs runs on the event built'],
    [
      receiver.replace(/^run-name.*\n/u, ''),
      "Add `run-name: 'docs [${{ github.event.client_payload.orch_id }}]'` to it.",
    ],
  ])('a plan is refused if its workflow is %.40j', async (file, problem) => {
    await using scene = await changeWithDocs({ file })
    const { code, stderr } = await scene.orch(`run ${branch}`)
    expect(stderr).toContain(problem)
    expect(code).toBe(1)
    expect(scene.writes()).toEqual([])
  })

  test('a plan is refused if the event starts several workflows', async () => {
    await using scene = await changeWithDocs()
    await scene.push('docs', 'main', { '.github/workflows/more.yml': receiver })
    const { code, stderr } = await scene.orch(`plan ${branch}`)
    expect(stderr).toContain('the event built starts several workflows of acme/docs: docs.yml, more.yml')
    expect(code).toBe(1)
  })

  test('a plan is refused if only an event would build a repository that has the branch', async () => {
    await using scene = await changeWithDocs()
    await scene.change('docs', branch)
    const { code, stderr } = await scene.orch(`run ${branch}`)
    expect(stderr).toContain('acme/docs has the branch DPTA-1, but no job builds it there')
    expect(code).toBe(1)
    expect(scene.writes()).toEqual([])
  })

  test('a repository that has the branch can get an event besides the job that builds it', async () => {
    const text = `${graph}  site: { repo: docs, workflow: build.yml }\n`
    await using scene = await changeWithDocs({ text })
    const build = 'on: workflow_dispatch\njobs: { build: { runs-on: x, steps: [{ run: "true" }] } }\n'
    await scene.push('docs', 'main', { '.github/workflows/build.yml': build })
    await scene.change('docs', branch)
    expect((await scene.orch(`run ${branch}`)).code).toBe(0)
    expect(scene.dispatches().toSorted()).toEqual([
      `docs build.yml@${branch}`,
      'docs docs.yml@main',
      `repoB build.yml@${branch}`,
    ])
    expect(await scene.status('docs', branch)).toMatch(/^success/u)
  })
})
