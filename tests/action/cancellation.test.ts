import { describe, expect, test } from 'vitest'
import { branch, LocalGitHub } from '../cli/support/local-github.js'
import { oneJobGraph, WorkFolder } from '../cli/support/work-folder.js'
import { cancelAsRunner, closed, stateOf } from './cancel-as-runner.js'
import { ActionStep } from './runner.js'
import type { Inputs } from './runner.js'

describe('a step of the Action whose workflow is cancelled', () => {
  test('cancels its builds and closes the statuses before the runner sends a second signal', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using github = await LocalGitHub.open(folder, 'sleep 600')
    const step = new ActionStep(folder, github, { branch, token: github.sandbox.token })
    await using program = await step.start()
    await github.building(program)

    const { exit, signals } = await cancelAsRunner(program)

    expect({ code: exit.code, signals }).toEqual({ code: 130, signals: ['SIGINT'] })
    expect(await stateOf(github)).toEqual(closed)
    expect(await step.outputs()).toMatchObject({ result: 'cancelled' })
    await using post = step.startPost()
    expect(await post.ended).toMatchObject({ code: 0, stderr: '' })
    expect(await stateOf(github)).toEqual(closed)
  })

  test('that is killed at once leaves its builds to the post of the Action, which cancels them', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using github = await LocalGitHub.open(folder, 'sleep 600')
    const step = new ActionStep(folder, github, { branch, token: github.sandbox.token })
    await using program = await step.start()
    await github.building(program)
    program.signal('SIGKILL')
    await program.ended
    expect(await step.outputs()).toEqual({ result: 'stopped' })

    await using post = step.startPost()

    expect(await post.ended).toMatchObject({ code: 0 })
    expect(await stateOf(github)).toEqual(closed)
  })
})

test.each<Inputs>([
  { command: 'status' },
  { command: 'run', config: 'none.yaml' },
  { command: 'run', branch: 'DPTA-9' },
])('after a step that started nothing, the post of the Action does nothing: %j', async (inputs) => {
  await using folder = await WorkFolder.open(oneJobGraph)
  await using github = await LocalGitHub.open(folder, 'echo built')
  const step = new ActionStep(folder, github, { branch, token: github.sandbox.token, ...inputs })
  await using program = await step.start()
  await program.ended
  const { states } = await stateOf(github)

  await using post = step.startPost()

  expect(await post.ended).toMatchObject({ code: 0, stderr: '' })
  expect(await stateOf(github)).toMatchObject({ states })
})
