import { describe, expect, test } from 'vitest'
import { buildWorkflow, exampleGraph } from '../../support/example-graph.js'
import { Scene } from '../../support/scene.js'

const day = 24 * 3_600_000
const names = ['repoA', 'repoB', 'repoC', 'repoD', 'repoE']

/** The change in all repositories of the example, built and unlocked once. */
async function builtChange(options: { graph?: string; members?: string[] } = {}): Promise<Scene> {
  const { members = names, graph = exampleGraph } = options
  const scene = await Scene.open({ graph })
  for (const name of members) await scene.change(name, 'DPTA-1')
  expect((await scene.orch('run DPTA-1')).code).toBe(0)
  return scene
}

/** The jobs that a second run builds, in dispatch order. */
async function secondRun(scene: Scene, flags = ''): Promise<{ code: number; stdout: string; built: string[] }> {
  const before = scene.dispatches().length
  const { code, stdout } = await scene.orch(`run DPTA-1${flags}`)
  const built = scene.dispatches().slice(before)
  return { code, stdout, built: built.map((text) => text.split(' ')[0] ?? '') }
}

async function recordOf(scene: Scene, name: string) {
  const statuses = scene.sandbox.admin.statuses(`acme/${name}`, await scene.head(name, 'DPTA-1'))
  const record = statuses.findLast(({ context }) => context === `orchestrator-build/${name}`)
  if (!record) throw new Error(`${name} has no record`)
  return record
}

/** Replaces the newest record of a repository by another one, by default an exact copy from another poster. */
async function replaceRecord(
  scene: Scene,
  name: string,
  changes: { state?: string; description?: string; link?: string; by?: string },
): Promise<void> {
  const { sha, context, ...record } = await recordOf(scene, name)
  const { state = record.state, description = record.description ?? '', link = record.targetUrl ?? '' } = changes
  await scene.postStatus(name, sha, state, description, {
    by: changes.by ?? record.creator,
    context,
    target_url: link,
  })
}

describe('job status', () => {
  test('the job status on the head names the built job and its run, once for each built job', async () => {
    await using scene = await builtChange()
    for (const name of names) {
      const { state, description, targetUrl, creator } = await recordOf(scene, name)
      expect(description).toMatch(/^run:[a-z0-9]+ fp:[0-9a-f]{16} its run succeeded$/u)
      const { id } = scene.sandbox.admin.runs(`acme/${name}`)[0] ?? {}
      expect([state, targetUrl, creator]).toEqual([
        'success',
        `http://127.0.0.1:9/acme/${name}/actions/runs/${id}`,
        'developer',
      ])
      expect(scene.posts(`orchestrator-build/${name}`)).toHaveLength(1)
    }
  })

  test('the job status reports a failure as such, and a job that did not run has none', async () => {
    await using scene = await Scene.open()
    for (const name of names) await scene.change(name, 'DPTA-1')
    scene.builds.script('acme/repoA').concludes('failure')
    await scene.orch('run DPTA-1')
    expect((await recordOf(scene, 'repoA')).state).toBe('failure')
    expect(scene.posts('orchestrator-build/repoB')).toEqual([])
  })

  test('the job status is posted after all dispatches and the unlocking, so that it delays neither', async () => {
    await using scene = await builtChange({ members: ['repoA', 'repoB'] })
    const writes = scene.sandbox.requests.flatMap(({ method, path, body }) => {
      if (method !== 'POST' || path.endsWith('/graphql')) return []
      if (path.endsWith('/dispatches')) return [`dispatch ${path.split('/')[3]}`]
      const { context, state } = body as { context: string; state: string }
      return [`${context} ${state}`]
    })
    expect(writes).toEqual([
      'orchestrator-build pending',
      'orchestrator-build pending',
      'dispatch repoA',
      'dispatch repoB',
      'orchestrator-build/repoA success',
      'orchestrator-build success',
      'orchestrator-build success',
      'orchestrator-build/repoB success',
    ])
  })

  test('a job status that GitHub refuses is reported and changes nothing else', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    // The posts come in this order: the claim, the success, the status of the job.
    scene.before('POST', /statuses/u, () => undefined)
    scene.before('POST', /statuses/u, () => undefined)
    scene.before('POST', /statuses/u, () => {
      const refusal = { kind: 'respond', status: 422, body: { message: 'no' } } as const
      scene.sandbox.faults.add({ method: 'POST', path: /statuses/u, action: refusal })
    })
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    expect(outputLines.find((line) => line.startsWith('repoB not posted'))).toContain('a later run builds it again')
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^success/u)
  })

  test('a job status is not posted with --no-status', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    await scene.orch('run DPTA-1 --no-status')
    expect(scene.posts('orchestrator-build/repoB')).toEqual([])
  })
})

describe('second run', () => {
  test('a second run of an unchanged change ends at once without a dispatch or a post', async () => {
    await using scene = await builtChange()
    const before = scene.writes().length
    const { code, stdout, built } = await secondRun(scene)
    expect(code).toBe(0)
    expect(built).toEqual([])
    expect(scene.writes()).toHaveLength(before)
    expect(stdout).toContain('already built and unlocked')
  })

  test('a second run after a fix in repoE builds only repoE and unlocks everything again', async () => {
    await using scene = await builtChange()
    await scene.push('repoE', 'DPTA-1')
    const { code, built, stdout } = await secondRun(scene)
    expect([code, built]).toEqual([0, ['repoE']])
    for (const name of names) expect(await scene.status(name, 'DPTA-1')).toMatch(/^success .* 5 repositories/u)
    const shown = await scene.orch(`show ${/orchestration ([a-z0-9]{16})/u.exec(stdout)?.[1]}`)
    expect(shown.stdout).toContain('5 jobs: 1 succeeded, 4 fresh\n')
  })

  test('a second run after a fix in repoA builds everything that needs it', async () => {
    await using scene = await builtChange()
    await scene.push('repoA', 'DPTA-1')
    const { code, built } = await secondRun(scene)
    expect(code).toBe(0)
    expect([...built].sort()).toEqual(names)
    expect([built[0], built.at(-1)]).toEqual(['repoA', 'repoE'])
  })

  test('a second run builds the dependents of a skipped repository whose main moved', async () => {
    await using scene = await builtChange({ members: ['repoA', 'repoB', 'repoE'] })
    await scene.push('repoD', 'main', { 'new.txt': 'moved' })
    const { code, built } = await secondRun(scene)
    expect([code, built]).toEqual([0, ['repoE']])
  })

  test('a second run of an invalidated change unlocks it without a build', async () => {
    await using scene = await builtChange()
    await scene.orch('invalidate DPTA-1')
    expect(await scene.status('repoA', 'DPTA-1')).toMatch(/^pending/u)
    const { code, built } = await secondRun(scene)
    expect([code, built]).toEqual([0, []])
    for (const name of names) expect(await scene.status(name, 'DPTA-1')).toMatch(/^success/u)
  })

  test('a second run after a failed build builds only what had not succeeded', async () => {
    await using scene = await Scene.open()
    for (const name of names) await scene.change(name, 'DPTA-1')
    scene.builds.script('acme/repoC').concludes('failure')
    expect((await scene.orch('run DPTA-1 --no-fail-fast')).code).toBe(1)
    scene.builds.script('acme/repoC').concludes('success')
    const { code, built } = await secondRun(scene)
    expect(code).toBe(0)
    expect(built).toEqual(['repoC', 'repoE'])
  })

  test('a second run on another machine reuses the same builds', async () => {
    await using scene = await builtChange()
    await scene.push('repoE', 'DPTA-1')
    const before = scene.dispatches().length
    const { code } = await scene.orch('run DPTA-1', { directory: await scene.anotherFolder() })
    expect(code).toBe(0)
    expect(scene.dispatches().slice(before)).toEqual(['repoE build.yml@DPTA-1'])
  })

  test('a second run passes the run of a fresh job to the inputs of its dependents', async () => {
    const inputs = 'inputs: { from: "${{ needs.repoA.run-id }} ${{ needs.repoA.result }}" }'
    const graph = exampleGraph.replace('repoB: { needs: repoA }', `repoB: { needs: repoA, ${inputs} }`)
    await using scene = await Scene.open({ graph })
    const workflow = buildWorkflow.replace('workflow_dispatch:\n', 'workflow_dispatch:\n    inputs:\n      from: {}\n')
    await scene.push('repoB', 'main', { '.github/workflows/build.yml': workflow })
    for (const name of ['repoA', 'repoB']) await scene.change(name, 'DPTA-1')
    await scene.orch('run DPTA-1')
    await scene.push('repoB', 'DPTA-1')
    expect((await secondRun(scene)).built).toEqual(['repoB'])
    const dispatched = scene.sandbox.requests.filter(({ path }) => path.endsWith('/dispatches')).at(-1)
    const { id } = scene.sandbox.admin.runs('acme/repoA')[0] ?? {}
    expect(dispatched?.body).toMatchObject({ inputs: { from: `${id} success` } })
  })
})

describe('flags of a second run', () => {
  test('--force builds every job', async () => {
    await using scene = await builtChange()
    const { code, built } = await secondRun(scene, ' --force')
    expect(code).toBe(0)
    expect([...built].sort()).toEqual(names)
  })

  test('--only posts success where all other jobs are fresh', async () => {
    await using scene = await builtChange()
    await scene.push('repoE', 'DPTA-1')
    const { code, built } = await secondRun(scene, ' --only repoE')
    expect([code, built]).toEqual([0, ['repoE']])
    for (const name of names) expect(await scene.status(name, 'DPTA-1')).toMatch(/^success .* 5 repositories/u)
  })

  test('--only posts nothing on the pull requests where another job is not fresh', async () => {
    await using scene = await builtChange()
    for (const name of ['repoD', 'repoE']) await scene.push(name, 'DPTA-1')
    const { code, built } = await secondRun(scene, ' --only repoE')
    expect([code, built]).toEqual([0, ['repoE']])
    expect(await scene.status('repoE', 'DPTA-1')).toBe('none')
    expect((await recordOf(scene, 'repoE')).state).toBe('success')
  })

  test('--only with a fresh job builds nothing, and builds it with --force', async () => {
    await using scene = await builtChange()
    expect((await secondRun(scene, ' --only repoE')).built).toEqual([])
    await scene.clock.advance(1_000)
    const forced = await secondRun(scene, ' --only repoE --force')
    expect([forced.code, forced.built]).toEqual([0, ['repoE']])
  })

  test('a job that --only built before its dependency is built again', async () => {
    await using scene = await Scene.open()
    for (const name of ['repoA', 'repoE']) await scene.change(name, 'DPTA-1')
    expect((await secondRun(scene, ' --only repoE')).built).toEqual(['repoE'])
    await scene.clock.advance(60_000)
    expect((await secondRun(scene, ' --only repoA')).built).toEqual(['repoA'])
    expect(await scene.status('repoE', 'DPTA-1')).toBe('none')
    const { code, built } = await secondRun(scene)
    expect([code, built]).toEqual([0, ['repoE']])
    expect(await scene.status('repoE', 'DPTA-1')).toMatch(/^success .* 2 repositories/u)
  })
})

describe('orch plan', () => {
  test('orch plan gives the reason why each job runs or is fresh, and writes nothing', async () => {
    await using scene = await builtChange()
    const record = await recordOf(scene, 'repoB')
    const runId = /\d+$/u.exec(record.targetUrl ?? '')?.[0]
    await scene.clock.advance(2 * 3_600_000)
    await scene.push('repoC', 'DPTA-1')
    const writes = scene.writes().length
    const { stdout } = await scene.orch('plan DPTA-1')
    expect(stdout).toMatch(new RegExp(`repoB +fresh +built 2 h ago by run ${runId}`, 'u'))
    expect(stdout).toMatch(/repoC +run .*\(never built\)/u)
    expect(stdout).toMatch(/repoE +run .*\(its need repoC is built again\)/u)
    expect((await scene.orch('plan DPTA-1 --force')).stdout).toMatch(/repoB +run .*\(--force\)/u)
    const document = JSON.parse((await scene.orch('plan DPTA-1 --json')).stdout) as { jobs: { job: string }[] }
    expect(document.jobs.find(({ job }) => job === 'repoB')).toMatchObject({
      action: 'fresh',
      built: { runId: Number(runId), url: record.targetUrl },
    })
    expect(scene.writes()).toHaveLength(writes)
  })

  test('orch plan of a built and unlocked change says that nothing is left to do', async () => {
    await using scene = await builtChange()
    expect((await scene.orch('plan DPTA-1')).stdout).toContain('Already built and unlocked')
  })
})

describe('untrusted record', () => {
  const reasonOf = async (scene: Scene, name: string): Promise<string> => {
    const document = JSON.parse((await scene.orch('plan DPTA-1 --json')).stdout) as {
      jobs: { job: string; action: string; reason: string }[]
    }
    const job = document.jobs.find((each) => each.job === name)
    return `${job?.action}: ${job?.reason}`
  }

  test.each([
    ['by the GITHUB_TOKEN of a member', { by: 'github-actions[bot]' }, /github-actions\[bot\], and any workflow/u],
    ['by another user', { by: 'mallory' }, /by mallory, who is not trusted/u],
    ['of another build', { description: `run:forged0001 fp:${'0'.repeat(16)} ok` }, /changed since it was built/u],
    ['without a fingerprint', { description: 'run:forged0001 ok' }, /not written by orch/u],
    ['with a link to another host', { link: 'https://evil.test/acme/repoC/actions/runs/1' }, /does not link to a run/u],
    [
      'with a link to another repository',
      { link: 'http://127.0.0.1:9/acme/repoA/actions/runs/30000000000' },
      /does not link to a run of acme\/repoC/u,
    ],
    ['with a link to no run', { link: 'http://127.0.0.1:9/acme/repoC/actions/runs/7' }, /run 7 of its record is gone/u],
  ])('an untrusted record is ignored and its job is built: %s', async (_, changes, reason) => {
    await using scene = await builtChange()
    await replaceRecord(scene, 'repoC', changes)
    expect(await reasonOf(scene, 'repoC')).toMatch(reason)
    const { code, built } = await secondRun(scene)
    expect([code, built]).toEqual([0, ['repoC', 'repoE']])
  })

  test('a record whose run built another commit is not trusted, even if all else matches', async () => {
    await using scene = await builtChange()
    const link = (await recordOf(scene, 'repoC')).targetUrl ?? ''
    await scene.push('repoC', 'DPTA-1')
    await scene.orch('run DPTA-1')
    await replaceRecord(scene, 'repoC', { link })
    expect(await reasonOf(scene, 'repoC')).toMatch(/^run: run \d+ of its record built another commit/u)
  })

  test('a record whose run was run again and failed is not trusted', async () => {
    await using scene = await builtChange()
    const runId = Number(/\d+$/u.exec((await recordOf(scene, 'repoC')).targetUrl ?? '')?.[0])
    scene.builds.script('acme/repoC').concludes('failure')
    const rerun = await scene.sandbox.fetch(
      new Request(`http://127.0.0.1:9/repos/acme/repoC/actions/runs/${runId}/rerun`, {
        method: 'POST',
        headers: { authorization: `Bearer ${scene.sandbox.token}` },
      }),
    )
    expect(rerun.status).toBe(201)
    await scene.clock.advance(60_000)
    expect(await reasonOf(scene, 'repoC')).toMatch(/^run: run \d+ of its record did not succeed/u)
  })

  test('a record older than fresh-for is not trusted, and its dependents are built again', async () => {
    await using scene = await builtChange()
    await scene.clock.advance(8 * day)
    expect(await reasonOf(scene, 'repoC')).toMatch(/built 8 days ago, longer than fresh-for \(7 days\)/u)
    expect([...(await secondRun(scene)).built].sort()).toEqual(names)
  })

  test('a record older than fresh-for of the graph file is not trusted', async () => {
    await using scene = await builtChange({ graph: exampleGraph.replace('jobs:', 'fresh-for: 90m\njobs:') })
    await scene.clock.advance(60 * 60_000)
    expect(await reasonOf(scene, 'repoA')).toMatch(/^fresh/u)
    await scene.clock.advance(60 * 60_000)
    expect(await reasonOf(scene, 'repoA')).toMatch(/^run: built 2 h ago, longer than fresh-for/u)
  })

  test('a record of the token itself is not trusted where the graph file trusts only others', async () => {
    await using scene = await builtChange({ graph: exampleGraph.replace('jobs:', 'trusted-authors: ci-robot\njobs:') })
    expect(await reasonOf(scene, 'repoC')).toMatch(/by developer, who is not trusted/u)
    for (const name of names) await replaceRecord(scene, name, { by: 'CI-robot' })
    expect(await reasonOf(scene, 'repoC')).toMatch(/^fresh/u)
  })

  test('a success that an untrusted user posted is not trusted: it is claimed, verified and posted again', async () => {
    await using scene = await builtChange()
    const head = await scene.head('repoC', 'DPTA-1')
    const [own = ''] = scene.statusesOf('repoC', head)
    await scene.postStatus('repoC', head, 'success', own.replace(/^success /u, ''), { by: 'mallory' })
    const before = scene.posts().length
    const { code, built } = await secondRun(scene)
    expect([code, built]).toEqual([0, []])
    expect(scene.posts()).toHaveLength(before + 10)
  })
})

describe('change without pull requests', () => {
  test('a change without pull requests is fresh on its second run, with nothing to unlock', async () => {
    await using scene = await Scene.open()
    await scene.push('repoB', 'DPTA-1')
    await scene.orch('run DPTA-1')
    const { code, stdout, built } = await secondRun(scene)
    expect([code, built]).toEqual([0, []])
    expect(stdout).toContain('there was nothing to unlock')
  })
})
