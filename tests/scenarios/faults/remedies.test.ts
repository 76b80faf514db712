import { describe, expect, test } from 'vitest'
import { Scene } from '../../support/scene.js'

const again = 'then run `orch run DPTA-1`.'

async function change(graph?: string): Promise<Scene> {
  const scene = await Scene.open(graph === undefined ? {} : { graph })
  await scene.change('repoA', 'DPTA-1')
  return scene
}

/** The advice in the last line of a run. */
async function adviceOf(scene: Scene, words = 'run DPTA-1'): Promise<string> {
  const { code, stdout } = await scene.orch(words)
  expect(code).not.toBe(0)
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  return /^\S+ DPTA-1 +next +(?<advice>.*)$/u.exec(last)?.groups?.['advice'] ?? last
}

/** Makes GitHub refuse the dispatches of a repository. */
function refuseDispatch(scene: Scene, status: number, message: string): void {
  const path = /repoA\/actions\/workflows\/[^/]+\/dispatches$/u
  scene.sandbox.faults.add({ method: 'POST', path, action: { kind: 'respond', status, body: { message } } })
}

describe('the last line of a run whose dispatch GitHub refused', () => {
  test.each([
    [
      422,
      "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
      'Enable the workflow on its page under Actions;',
    ],
    [422, 'No ref found for: DPTA-1', 'The branch is gone: push it again, or run for another branch;'],
    [
      422,
      "Workflow does not have 'workflow_dispatch' trigger",
      'Add "on: workflow_dispatch" to the workflow on the branch that you build;',
    ],
    [
      422,
      'Unexpected inputs provided: ["x"]',
      'Declare the inputs in the workflow on that branch, or take them out of the graph file;',
    ],
    [422, "Required input 'x' not provided", 'Give the input in the graph file, or a default in the workflow;'],
    [
      404,
      'Not Found',
      'Give the token Actions: write on acme/repoA, without which GitHub answers 404, or put build.yml back on its default branch;',
    ],
  ])('names what mends %d "%s"', async (status, message, advice) => {
    await using scene = await change()
    refuseDispatch(scene, status, message)
    expect(await adviceOf(scene)).toBe(`${advice} ${again}`)
  })
})

test('the last line of a run says that its branch is gone where it was deleted between plan and dispatch', async () => {
  await using scene = await change()
  await scene.change('repoB', 'DPTA-1')
  scene.before('POST', /repoA\/actions\/workflows\/[^/]+\/dispatches$/u, () =>
    scene.sandbox.admin.deleteBranch('acme/repoA', 'DPTA-1'),
  )
  expect(await adviceOf(scene)).toBe(`The branch is gone: push it again, or run for another branch; ${again}`)
})

describe('the last line of a run whose build did not succeed', () => {
  test.each([
    [
      'skipped',
      'Change the `if` conditions in build.yml, which skipped every job of the run, or its inputs in the graph file;',
    ],
    [
      'timed_out',
      'Raise `timeout-minutes` of the workflow job in build.yml, which is a limit of GitHub, or make it faster;',
    ],
    ['startup_failure', 'Correct build.yml as the page of the run says, and push;'],
    ['action_required', 'Approve the run on its page;'],
    [
      'cancelled',
      'See on the page of the run who cancelled it; if it was another run of its concurrency group, give each branch a group of its own (`concurrency` in build.yml);',
    ],
  ])('names what mends the conclusion %s', async (conclusion, advice) => {
    await using scene = await change()
    scene.builds.script('acme/repoA').concludes(conclusion)
    expect(await adviceOf(scene)).toBe(`${advice} ${again}`)
  })

  test('is to fix the build and push after a failure in its own steps', async () => {
    await using scene = await change()
    scene.builds.script('acme/repoA').concludes('failure')
    expect(await adviceOf(scene)).toBe('Fix the build, push, and run `orch run DPTA-1`.')
  })

  const graphWith = (settings: string): string =>
    `version: 1\nowner: acme\nbranches: DPTA-*\njobs: { repoA: { ${settings} }, repoB: {} }\n`

  test('names timeout-minutes of the job, not --timeout, where a build took too long', async () => {
    await using scene = await change(graphWith('timeout-minutes: 10'))
    scene.builds.script('acme/repoA').holds()
    expect(await adviceOf(scene)).toBe(
      `Make the build of repoA faster, or raise its timeout-minutes in the graph file (now 10); ${again}`,
    )
  })

  test('names the runner and queue-timeout-minutes where no runner took the job', async () => {
    await using scene = await change(graphWith('queue-timeout-minutes: 5'))
    scene.builds.script('acme/repoA').concludes('success', { queuedFor: Infinity })
    expect(await adviceOf(scene)).toBe(
      'Check that a runner takes its `runs-on` and that no other run holds it back, ' +
        `or raise queue-timeout-minutes of repoA in the graph file (now 5); ${again}`,
    )
  })

  test('names --timeout where the whole orchestration took too long', async () => {
    await using scene = await change()
    scene.builds.script('acme/repoA').holds()
    expect(await adviceOf(scene, 'run DPTA-1 --timeout 5m')).toBe(
      `Check what the runs waited for, or raise --timeout, ${again}`,
    )
  })

  test('names each cause with its jobs where there are several', async () => {
    await using scene = await change(graphWith(''))
    await scene.change('repoB', 'DPTA-1')
    scene.builds.script('acme/repoA').concludes('skipped')
    scene.builds.script('acme/repoB').concludes('failure')
    expect(await adviceOf(scene, 'run DPTA-1 --no-fail-fast')).toBe(
      'Change the `if` conditions in build.yml, which skipped every job of the run, or its inputs in the graph file (repoA); ' +
        `fix the build and push (repoB); ${again}`,
    )
  })
})

test('the last line is to push a new commit where the statuses of the context are used up', async () => {
  await using scene = await change()
  const body = { message: 'This SHA and context has reached the maximum number of statuses.' }
  const action = { kind: 'respond', status: 422, body } as const
  scene.sandbox.faults.add({ method: 'POST', path: /repoA\/statuses/u, action })
  expect(await adviceOf(scene)).toBe(
    `Push a new commit, because GitHub takes 1,000 statuses of one context on a commit and no more; ${again}`,
  )
})
