import { describe, expect, test } from 'vitest'
import { createScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import { executionOf, ManualClock } from './world.js'

const workflow = `
on: workflow_dispatch
jobs:
  build:
    runs-on: x
    steps: [{ uses: actions/checkout@v4 }, { name: Test, run: make }, { name: Pack, run: make pack }]
`

const setUp = () => {
  const clock = new ManualClock()
  return { clock, executor: createScriptedExecutor({ clock }) }
}

describe('scripted executor', () => {
  test('scripted executor lets a run succeed after 20 seconds with the jobs and steps of its workflow file', async () => {
    const { clock, executor } = setUp()
    const execution = executionOf(workflow)
    const result = executor.execute(execution)
    await clock.sleepStarted(20_000)
    expect(execution.jobs()[0]).toMatchObject({ name: 'build', status: 'in_progress' })
    clock.advance(20_000)
    expect(await result).toEqual({ conclusion: 'success' })
    expect(execution.jobs()[0]?.steps.map((step) => [step.name, step.conclusion])).toEqual([
      ['Run actions/checkout@v4', 'success'],
      ['Test', 'success'],
      ['Pack', 'success'],
    ])
    expect(executor.started).toEqual([execution])
  })

  test('scripted executor applies outcomes in order, shows the failed step and its log, and succeeds without an outcome', async () => {
    const { clock, executor } = setUp()
    executor.script('acme/widget').concludes('failure', { after: 5, failedStep: 'Test', log: ['3 tests failed'] })
    const failed = executionOf(workflow)
    const first = executor.execute(failed)
    await clock.sleepStarted(5)
    clock.advance(5)
    expect(await first).toEqual({ conclusion: 'failure' })
    expect(failed.jobs()[0]?.steps.map((step) => step.conclusion)).toEqual(['success', 'failure', 'skipped'])
    expect(failed.logOf()).toEqual(
      expect.arrayContaining(['3 tests failed', '##[error]Process completed with exit code 1.']),
    )
    const second = executor.execute(executionOf(workflow))
    await clock.sleepStarted(20_000)
    clock.advance(20_000)
    expect(await second).toEqual({ conclusion: 'success' })
  })

  test('scripted executor prefers the script of a workflow to that of its repository', async () => {
    const { clock, executor } = setUp()
    executor.script('acme/widget').concludes('failure', { after: 1, times: Infinity })
    executor.script('acme/widget', 'build.yml').concludes('neutral', { after: 1 })
    const conclusions = []
    for (let run = 0; run < 3; run += 1) {
      const result = executor.execute(executionOf(workflow))
      await clock.sleepStarted(1)
      clock.advance(1)
      conclusions.push((await result).conclusion)
    }
    expect(conclusions).toEqual(['neutral', 'failure', 'failure'])
  })

  test('scripted executor holds a run until its release, also when the release comes first', async () => {
    const { executor } = setUp()
    const script = executor.script('acme/widget').holds().holds()
    const first = executor.execute(executionOf(workflow))
    expect((await executor.whenStarted('acme/widget')).repo).toBe('acme/widget')
    script.release('success')
    script.release('timed_out')
    expect(await first).toEqual({ conclusion: 'success' })
    expect(await executor.execute(executionOf(workflow))).toEqual({ conclusion: 'timed_out' })
  })

  test('scripted executor ends a run as cancelled shortly after a cancel', async () => {
    const { clock, executor } = setUp()
    const execution = executionOf(workflow)
    const result = executor.execute(execution)
    await clock.sleepStarted(20_000)
    execution.cancel()
    await clock.sleepStarted(1_000)
    clock.advance(1_000)
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(execution.jobs()[0]?.conclusion).toBe('cancelled')
  })

  test('scripted executor gives the release of a cancelled held run to the next run', async () => {
    const { clock, executor } = setUp()
    const script = executor.script('acme/widget').holds().holds()
    const execution = executionOf(workflow)
    const first = executor.execute(execution)
    execution.cancel()
    await clock.sleepStarted(1_000)
    clock.advance(1_000)
    expect(await first).toEqual({ conclusion: 'cancelled' })
    const second = executor.execute(executionOf(workflow))
    script.release('success')
    expect(await second).toEqual({ conclusion: 'success' })
  })

  test('scripted executor can ignore a cancel, but not a forced one', async () => {
    const { clock, executor } = setUp()
    executor.script('acme/widget').ignoresCancel()
    const stubborn = executionOf(workflow)
    const first = executor.execute(stubborn)
    stubborn.cancel()
    await clock.sleepStarted(20_000)
    clock.advance(20_000)
    expect(await first).toEqual({ conclusion: 'success' })
    const killed = executionOf(workflow)
    const second = executor.execute(killed)
    killed.kill()
    expect(await second).toEqual({ conclusion: 'cancelled' })
  })

  test('scripted executor keeps a run queued for the scripted time', async () => {
    const { clock, executor } = setUp()
    executor.script('acme/widget').concludes('success', { queuedFor: 60_000, after: 5 })
    const execution = executionOf(workflow)
    const result = executor.execute(execution)
    await clock.sleepStarted(60_000)
    expect(execution.jobs()[0]?.status).toBe('queued')
    clock.advance(60_000)
    await clock.sleepStarted(5)
    expect(execution.jobs()[0]?.status).toBe('in_progress')
    clock.advance(5)
    expect(await result).toEqual({ conclusion: 'success' })
  })
})
