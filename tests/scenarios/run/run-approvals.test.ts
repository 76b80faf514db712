import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const minute = 60_000
/** Longer than each limit of these jobs, and short enough that a test need not simulate hours of polls. */
const longWait = 20 * minute

function graphWith(settings: string): string {
  return `version: 1
owner: acme
branches: DPTA-*
jobs:
  repoA: { ${settings} }
  repoB: { needs: repoA }
`
}

/** A change of repoA and repoB. The environment production of repoA has these protection rules. */
async function sceneWith(
  settings: string,
  rules: { reviewers?: string[]; waitTimer?: number } = { reviewers: ['alice', 'bob'] },
): Promise<Scene> {
  const scene = await Scene.open({ graph: graphWith(settings) })
  scene.sandbox.admin.setEnvironment('acme/repoA', 'production', rules)
  await scene.change('repoA', 'DPTA-1')
  await scene.change('repoB', 'DPTA-1')
  return scene
}

function runOf(scene: Scene, nth = 0): number {
  const run = scene.sandbox.admin.runs('acme/repoA')[nth]
  if (!run) throw new Error('repoA has no run')
  return run.id
}

const pageOf = (scene: Scene): string => `http://127.0.0.1:9/acme/repoA/actions/runs/${runOf(scene)}`

/** The lines about repoA. */
const linesOf = (lines: readonly string[]): string[] => lines.filter((line) => line.startsWith('repoA '))

const readsOfPending = (scene: Scene): number =>
  scene.sandbox.requests.filter(({ method, path }) => method === 'GET' && path.includes('/pending_deployments')).length

const forApproval = 'for the approval of the environment production by alice or bob'

describe('a run that waits for the approval of an environment', () => {
  test('before its first job does not use up queue-timeout-minutes, and the output names the environment, who may approve and the link', async () => {
    await using scene = await sceneWith('queue-timeout-minutes: 5')
    scene.builds.script('acme/repoA').concludes('success', { environment: 'production' })
    const command = scene.start('run DPTA-1')
    await scene.untilBuilding('repoA')
    await scene.clock.advance(70 * minute)
    expect(scene.conclusions('repoA')).toEqual([null])
    scene.sandbox.admin.reviewDeployments(runOf(scene), 'approved')
    const { code, outputLines } = await scene.clock.until(command.ended)
    expect(code).toBe(0)
    expect(linesOf(outputLines)).toContain(`repoA waiting ${forApproval} ${pageOf(scene)}`)
    expect(readsOfPending(scene)).toBe(1)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^success/u)
  })

  test('after its first job does not use up timeout-minutes', async () => {
    await using scene = await sceneWith('timeout-minutes: 10')
    scene.builds
      .script('acme/repoA')
      .concludes('success', { environment: 'production', waitsAfter: 5 * minute, after: 4 * minute })
    const command = scene.start('run DPTA-1')
    await scene.untilBuilding('repoA')
    await scene.clock.advance(longWait)
    scene.sandbox.admin.reviewDeployments(runOf(scene), 'approved')
    const { code, outputLines } = await scene.clock.until(command.ended)
    expect(code).toBe(0)
    expect(linesOf(outputLines).map((line) => line.replace(/ http.*$/u, ''))).toEqual([
      'repoA dispatched',
      'repoA running',
      `repoA waiting ${forApproval}`,
      'repoA running',
      expect.stringMatching(/^repoA succeeded/u),
    ])
    expect(readsOfPending(scene)).toBe(1)
  })

  test('uses up timeout-minutes before and after it waits', async () => {
    await using scene = await sceneWith('timeout-minutes: 10')
    scene.builds.script('acme/repoA').holds({ environment: 'production', waitsAfter: 5 * minute })
    const command = scene.start('run DPTA-1')
    await scene.untilBuilding('repoA')
    const started = scene.clock.now()
    await scene.clock.advance(longWait)
    scene.sandbox.admin.reviewDeployments(runOf(scene), 'approved')
    const { code, outputLines } = await scene.clock.until(command.ended)
    expect(code).toBe(1)
    expect(scene.clock.now() - started).toBeGreaterThan(longWait + 5 * minute)
    expect(scene.clock.now() - started).toBeLessThan(longWait + 7 * minute)
    expect(linesOf(outputLines).some((line) => line.includes('in progress for longer than timeout-minutes'))).toBe(true)
  })

  test('waits for a wait timer as for a person', async () => {
    await using scene = await sceneWith('queue-timeout-minutes: 5, timeout-minutes: 10', { waitTimer: 15 })
    scene.builds.script('acme/repoA').concludes('success', { environment: 'production', waitsAfter: 2 * minute })
    const { code, outputLines } = await scene.orch('run DPTA-1')
    expect(code).toBe(0)
    const wait = /waiting for the wait timer of the environment production until 20\d\d-\d\d-\d\dT[\d:]{8}Z http/u
    expect(linesOf(outputLines).filter((line) => wait.test(line))).toHaveLength(1)
  })

  test('is read again each time that it waits, and its environment is named each time', async () => {
    await using scene = await sceneWith('retries: 1, queue-timeout-minutes: 5')
    scene.builds.script('acme/repoA').concludes('failure', { environment: 'production', times: 1 })
    scene.builds.script('acme/repoA').concludes('success', { environment: 'production' })
    const command = scene.start('run DPTA-1')
    for (const nth of [1, 2]) {
      await scene.untilBuilding('repoA', nth)
      await scene.clock.advance(longWait)
      scene.sandbox.admin.reviewDeployments(runOf(scene), 'approved')
    }
    const { code, outputLines } = await scene.clock.until(command.ended)
    expect(code).toBe(0)
    expect(linesOf(outputLines).filter((line) => line.includes(forApproval))).toHaveLength(2)
    expect(readsOfPending(scene)).toBe(2)
  })

  test('succeeds although what it waits for cannot be read, and the output says why', async () => {
    await using scene = await sceneWith('queue-timeout-minutes: 5')
    const path = /pending_deployments/u
    const action = {
      kind: 'respond',
      status: 403,
      body: { message: 'Resource not accessible by integration' },
    } as const
    scene.sandbox.faults.add({ method: 'GET', path, times: 100, action })
    scene.builds.script('acme/repoA').concludes('success', { environment: 'production' })
    const command = scene.start('run DPTA-1')
    await scene.untilBuilding('repoA')
    await scene.clock.advance(longWait)
    scene.sandbox.admin.reviewDeployments(runOf(scene), 'approved')
    const { code, outputLines } = await scene.clock.until(command.ended)
    expect(code).toBe(0)
    const shown = linesOf(outputLines).filter((line) => line.startsWith('repoA waiting'))
    expect(shown).toHaveLength(1)
    expect(shown[0]).toContain('for an approval; the environment could not be read: ')
    expect(readsOfPending(scene)).toBe(1)
  })
})

describe('a run that nobody approves', () => {
  test('is cancelled after approval-timeout-minutes, and the end says what waited for whom, where, and what to do', async () => {
    await using scene = await sceneWith('approval-timeout-minutes: 12')
    scene.builds.script('acme/repoA').concludes('success', { environment: 'production', waitsAfter: minute })
    const started = scene.clock.now()
    const { code, outputLines, stdout } = await scene.orch('run DPTA-1')
    expect(code).toBe(1)
    expect(Math.floor((scene.clock.now() - started) / minute)).toBe(13)
    expect(scene.conclusions('repoA')).toEqual(['cancelled'])
    const reason = `its run waited ${forApproval}, for longer than approval-timeout-minutes`
    expect(linesOf(outputLines).at(-1)).toMatch(/^repoA timed out after 13m/u)
    expect(linesOf(outputLines).at(-1)).toContain(`${reason} ${pageOf(scene)}`)
    expect(stdout).toContain(`repoA timed out: ${reason}`)
    expect(stdout.trimEnd()).toMatch(
      /next +Ask alice or bob to approve in time on the page of the run, or raise approval-timeout-minutes of repoA in the graph file \(now 12\); then run `orch run DPTA-1`\.$/u,
    )
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^error run:ID repoA timed out: its run waited/u)
  })

  test('is cancelled after the approval-timeout-minutes of the defaults, unless its job has its own', async () => {
    const graph = 'version: 1\nowner: acme\nbranches: DPTA-*\ndefaults: { approval-timeout-minutes: 8 }\n'
    await using scene = await Scene.open({
      graph: `${graph}jobs: { repoA: {}, repoB: { approval-timeout-minutes: 16 } }\n`,
    })
    for (const name of ['repoA', 'repoB']) {
      scene.sandbox.admin.setEnvironment(`acme/${name}`, 'production', { reviewers: ['alice'] })
      await scene.change(name, 'DPTA-1')
      scene.builds.script(`acme/${name}`).concludes('success', { environment: 'production' })
    }
    const started = scene.clock.now()
    const { code, outputLines } = await scene.orch('run DPTA-1 --no-fail-fast')
    expect(code).toBe(1)
    expect(Math.floor((scene.clock.now() - started) / minute)).toBe(16)
    expect(linesOf(outputLines).at(-1)).toMatch(/^repoA timed out after 8m/u)
  })

  test('ends with the whole orchestration where there is no approval-timeout-minutes, and the end says what it waited for', async () => {
    await using scene = await sceneWith('queue-timeout-minutes: 5')
    scene.builds.script('acme/repoA').concludes('success', { environment: 'production' })
    const started = scene.clock.now()
    const { code, outputLines, stdout } = await scene.orch('run DPTA-1 --timeout 20m')
    expect(code).toBe(1)
    expect(Math.floor((scene.clock.now() - started) / minute)).toBe(20)
    expect(linesOf(outputLines).at(-1)).toContain(
      `the orchestration timed out while its run waited ${forApproval} ${pageOf(scene)}`,
    )
    expect(stdout).toContain(
      'next  Ask alice or bob to approve in time on the page of the run, or raise --timeout; then run',
    )
  })
})

describe('a run whose deployment is rejected', () => {
  test('fails, and the end says who rejected it and why, not to fix the build', async () => {
    await using scene = await sceneWith('')
    scene.builds.script('acme/repoA').concludes('success', { environment: 'production', waitsAfter: minute })
    const command = scene.start('run DPTA-1')
    await scene.untilBuilding('repoA')
    await scene.clock.advance(10 * minute)
    scene.sandbox.admin.reviewDeployments(runOf(scene), 'rejected', { by: 'bob', comment: 'Not on a Friday.' })
    const { code, outputLines, stdout } = await scene.clock.until(command.ended)
    expect(code).toBe(1)
    expect(linesOf(outputLines).slice(-2)).toEqual([
      expect.stringContaining(`its run concluded failure after it waited ${forApproval} ${pageOf(scene)}`),
      `repoA rejected by bob: the deployment to production: Not on a Friday. ${pageOf(scene)}`,
    ])
    expect(stdout.trimEnd()).toMatch(/next +Ask bob why the deployment was rejected; then run `orch run DPTA-1`\.$/u)
    expect(await scene.status('repoB', 'DPTA-1')).toMatch(/^failure run:ID repoA failed: its run concluded failure/u)
    expect(scene.dispatches()).toEqual(['repoA build.yml@DPTA-1'])
  })

  test('is named in JSON, like the wait before it', async () => {
    await using scene = await sceneWith('')
    scene.builds.script('acme/repoA').concludes('success', { environment: 'production' })
    const command = scene.start('run DPTA-1 --json')
    await scene.untilBuilding('repoA')
    await scene.clock.advance(10 * minute)
    scene.sandbox.admin.reviewDeployments(runOf(scene), 'rejected', { comment: 'No.' })
    const { code, stdout } = await scene.clock.until(command.ended)
    expect(code).toBe(1)
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(lines.find(({ type }) => type === 'pending-deployments-read')).toMatchObject({
      job: 'repoA',
      runId: runOf(scene),
      url: pageOf(scene),
      deployments: [{ environment: 'production', reviewers: ['alice', 'bob'], timerEndsAt: null }],
      failure: null,
    })
    expect(lines.find(({ type }) => type === 'failure-explained')).toMatchObject({
      explanation: { rejection: { environments: ['production'], by: 'developer', comment: 'No.' } },
    })
  })
})
