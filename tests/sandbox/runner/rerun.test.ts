import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { WorkflowJobState } from '../../../src/sandbox/executor.js'
import { createProcessExecutor } from '../../../src/sandbox/process-executor.js'
import { createScriptedExecutor } from '../../../src/sandbox/scripted-executor.js'
import { executionOf, ManualClock } from './world.js'
import type { TestExecution } from './world.js'

async function temporary(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'orch-rerun-'))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  return directory
}

const results = (execution: TestExecution): string[] =>
  execution.jobs().map(({ name, conclusion }) => `${name} ${conclusion ?? ''}`)

/** Runs a workflow, calls `repair` and runs its failed jobs again. Each job adds a line to `log` when it runs. */
async function runTwice(
  jobs: string,
  repair: (directory: string) => Promise<void> = (directory) => writeFile(join(directory, 'repaired'), ''),
): Promise<{ first: TestExecution; second: TestExecution; conclusions: string[] }> {
  const directory = await temporary()
  const text = `on: workflow_dispatch\njobs:\n${jobs.replaceAll('DIR', directory)}`
  const executor = createProcessExecutor({ workDirectory: join(directory, 'work') })
  const first = executionOf(text)
  const conclusions = [(await executor.execute(first)).conclusion]
  await repair(directory)
  const second = executionOf(text, { runAttempt: 2, previous: first.jobs() })
  conclusions.push((await executor.execute(second)).conclusion)
  return { first, second, conclusions }
}

const job = (name: string, run: string, more = ''): string => `
  ${name}:
    runs-on: x
${more}
    steps: [{ id: s, run: '${run}' }]
`

test('rerun of failed jobs runs only failed jobs and their dependents; the others keep result, times, log and outputs', async () => {
  const { first, second, conclusions } = await runTwice(
    job('lib', 'echo "v=$RANDOM" >> "$GITHUB_OUTPUT"', '    outputs: { v: "${{ steps.s.outputs.v }}" }') +
      job('flaky', 'test -f DIR/repaired') +
      job('pack', 'echo "packed ${{ needs.lib.outputs.v }}"', '    needs: [lib, flaky]') +
      job('never', 'true', '    if: false'),
  )
  const version = first.jobs()[0]?.outputs?.v ?? ''

  expect(conclusions).toEqual(['failure', 'success'])
  expect(results(first)).toEqual(['lib success', 'flaky failure', 'pack skipped', 'never skipped'])
  expect(results(second)).toEqual(['lib success', 'flaky success', 'pack success', 'never skipped'])
  expect(second.jobs()[0]).toEqual(first.jobs()[0])
  expect(version).toMatch(/^\d+$/)
  expect(second.logOf('pack')).toContain(`packed ${version}`)
})

test('rerun fails when a job fails again, even if the reused jobs succeeded', async () => {
  const { conclusions, second } = await runTwice(job('good', 'true') + job('bad', 'exit 1'))

  expect(conclusions).toEqual(['failure', 'failure'])
  expect(results(second)).toEqual(['good success', 'bad failure'])
})

test('rerun of a matrix runs only the failed combinations', async () => {
  const { first, second, conclusions } = await runTwice(
    job(
      'm',
      'echo "ran $GITHUB_RUN_ATTEMPT"; test "${{ matrix.n }}" = 1 -o -f DIR/repaired',
      '    strategy: { fail-fast: false, matrix: { n: [1, 2] } }',
    ) + job('after', 'true', '    needs: m'),
  )

  expect(conclusions).toEqual(['failure', 'success'])
  expect(results(first)).toEqual(['m (1) success', 'm (2) failure', 'after skipped'])
  expect(results(second)).toEqual(['m (1) success', 'm (2) success', 'after success'])
  expect([second.logOf('m (1)'), second.logOf('m (2)')]).toEqual([
    expect.arrayContaining(['ran 1']),
    expect.arrayContaining(['ran 2']),
  ])
})

test('rerun of failed jobs also runs a cancelled job', async () => {
  const directory = await temporary()
  const executor = createProcessExecutor({ workDirectory: directory })
  const text = `on: workflow_dispatch\njobs:\n${job('slow', 'test "$GITHUB_RUN_ATTEMPT" = 2 || sleep 100')}`
  const first = executionOf(text)
  const result = executor.execute(first)
  await first.until((jobs) => jobs[0]?.steps[1]?.status === 'in_progress')
  first.cancel()
  expect(await result).toEqual({ conclusion: 'cancelled' })
  const second = executionOf(text, { runAttempt: 2, previous: first.jobs() })

  expect(await executor.execute(second)).toEqual({ conclusion: 'success' })
})

test('rerun of a scripted run reuses the jobs that succeeded, and skips dependents of the failed job', async () => {
  const clock = new ManualClock()
  const executor = createScriptedExecutor({ clock })
  executor.script('acme/widget').concludes('failure', { after: 1, failedJob: 'b' })
  const text = `on: workflow_dispatch\njobs:\n${job('a', 'x') + job('b', 'y') + job('c', 'z', '    needs: b')}`
  const run = async (ms: number, previous?: WorkflowJobState[]): Promise<TestExecution> => {
    const execution = executionOf(text, previous && { previous })
    const result = executor.execute(execution)
    await clock.sleepStarted(ms)
    clock.advance(ms)
    await result
    return execution
  }
  const first = await run(1)
  const second = await run(20_000, first.jobs())

  expect(results(first)).toEqual(['a success', 'b failure', 'c skipped'])
  expect(results(second)).toEqual(['a success', 'b success', 'c success'])
  const ends = second.jobs().map(({ completedAt }) => (completedAt ?? 0) - clock.now())
  expect(ends).toEqual([-20_000, 0, 0])
})
