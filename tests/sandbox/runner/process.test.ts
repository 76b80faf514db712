import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ExecutionResult } from '../../../src/sandbox/executor.js'
import { createProcessExecutor } from '../../../src/sandbox/process-executor.js'
import type { ProcessExecutorOptions } from '../../../src/sandbox/process-executor.js'
import { executionOf, ManualClock } from './world.js'
import type { TestExecution } from './world.js'

let directory = ''

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-executor-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

const jobDirectory = (): string => join(directory, 'work')

const execute = (execution: TestExecution, options: Partial<ProcessExecutorOptions> = {}): Promise<ExecutionResult> =>
  createProcessExecutor({ workDirectory: jobDirectory(), ...options }).execute(execution)

/** A workflow of one job, from the lines of its steps. */
const stepsOf = (steps: string, job = ''): string => `
on: workflow_dispatch
jobs:
  build:
    runs-on: ubuntu-latest
${job}
    steps:
${steps}
`

const conclusions = (execution: TestExecution): (string | null)[] =>
  execution
    .jobs()
    .flatMap((job) => job.steps)
    .slice(1, -1)
    .map((step) => step.conclusion)

describe('the process executor', () => {
  test('runs the steps in the files that the checkout puts into the workspace', async () => {
    const execution = executionOf(
      stepsOf(`
      - uses: actions/checkout@v4
      - run: cat greeting.txt && echo "$PWD" | grep -q '/widget$'
      - { run: ls, working-directory: sub }
`),
      { files: { 'greeting.txt': 'héllo\n', 'sub/inner.txt': '' } },
    )
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    expect(execution.logOf()).toEqual(
      expect.arrayContaining([
        '##[group]Run cat greeting.txt && echo "$PWD" | grep -q \'/widget$\'',
        'héllo',
        'inner.txt',
      ]),
    )
    expect(execution.jobs()[0]?.log[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z ##\[group\]/)
    expect(execution.jobs()[0]?.steps.map((step) => step.name)).toEqual([
      'Set up job',
      'Run actions/checkout@v4',
      'Run cat greeting.txt && echo "$PWD" | grep -q \'/widget$\'',
      'Run ls',
      'Complete job',
    ])
  })

  test('fails the job at `exit 1`, skips what follows and still runs what asks for it', async () => {
    const execution = executionOf(
      stepsOf(`
      - run: "echo before; exit 1; echo after"
      - run: echo never
      - { run: echo cleaned, if: always() }
      - { run: echo repaired, if: failure() }
`),
    )
    expect(await execute(execution)).toEqual({ conclusion: 'failure' })
    expect(conclusions(execution)).toEqual(['failure', 'skipped', 'success', 'success'])
    expect(execution.logOf()).toEqual(
      expect.arrayContaining(['before', '##[error]Process completed with exit code 1.', 'cleaned']),
    )
    expect(execution.logOf()).not.toContain('after')
  })

  test('stops bash at the first error, and in a pipe only with an explicit `shell: bash`, as GitHub', async () => {
    const execution = executionOf(
      stepsOf(`
      - run: "false | true"
      - { run: "false | true", shell: bash, continue-on-error: true, id: strict }
      - { run: "echo outcome \${{ steps.strict.outcome }} \${{ steps.strict.conclusion }}" }
      - { run: "echo shell $0", shell: sh }
`),
    )
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    expect(conclusions(execution)).toEqual(['success', 'success', 'success', 'success'])
    expect(execution.logOf()).toContain('outcome failure success')
  })

  test('passes nothing of the caller but PATH', async () => {
    vi.stubEnv('GH_TOKEN', 'ghp_secret')
    vi.stubEnv('SSH_AUTH_SOCK', '/tmp/agent')
    vi.stubEnv('npm_config_registry', 'https://registry.example')
    vi.stubEnv('GIT_DIR', '/tmp/elsewhere')
    const execution = executionOf(stepsOf('      - run: env | cut -d= -f1 | sort'))
    await execute(execution)
    const names = execution.logOf()
    const variables = names.slice(names.lastIndexOf('##[endgroup]') + 1).filter((line) => /^\w+$/.test(line))
    const github = variables.filter((name) => /^(GITHUB|RUNNER)_/.test(name))
    // The last four are bash's own.
    const others = ['CI', 'HOME', 'LANG', 'PATH', 'TMPDIR', 'OLDPWD', 'PWD', 'SHLVL', '_']
    expect(variables.filter((name) => !github.includes(name) && !others.includes(name))).toEqual([])
    expect(github).toContain('GITHUB_SHA')
    expect(github).not.toContain('GITHUB_TOKEN')
    expect(variables).toContain('HOME')
  })

  test('gives the variables that GitHub promises, which a workflow cannot change', async () => {
    const execution = executionOf(
      stepsOf(
        '      - { run: "echo $GITHUB_REPOSITORY $GITHUB_REPOSITORY_OWNER $GITHUB_REF_NAME $GITHUB_RUN_ID $CI $GITHUB_JOB $RUNNER_OS", env: { GITHUB_REPOSITORY: other } }',
      ),
    )
    await execute(execution)
    expect(execution.logOf().join('\n')).toMatch(/\nacme\/widget acme DPTA-1 4294967297 true build \w+\n/)
  })

  test('hands on environment, outputs and path from step to step, and hides masked values', async () => {
    const execution = executionOf(
      stepsOf(`
      - id: first
        run: |
          echo "LEVEL=high" >> "$GITHUB_ENV"
          printf 'text<<END\\none\\ntwo\\nEND\\n' >> "$GITHUB_OUTPUT"
          mkdir bin && printf '#!/bin/sh\\necho tool runs' > bin/tool && chmod +x bin/tool
          echo "$PWD/bin" >> "$GITHUB_PATH"
          echo "::add-mask::hush"
          echo "# Summary" >> "$GITHUB_STEP_SUMMARY"
      - run: |
          echo "$LEVEL \${{ env.LEVEL }} \${{ join(fromJSON(toJSON(steps.first.outputs)).*, '') }} $BASE"
          tool
          echo "::group::Inner"
          echo "::error file=a.js::wrong%0Aagain"
          echo say hush
        env: { BASE: "\${{ github.ref_name }}" }
`),
    )
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    expect(execution.logOf()).toEqual(
      expect.arrayContaining([
        'high high one',
        'two DPTA-1',
        'tool runs',
        '##[group]Inner',
        '##[error]wrong',
        'again',
        'say ***',
      ]),
    )
  })

  test('runs jobs by their needs, hands on outputs and skips what needs a failed job', async () => {
    const execution = executionOf(`
on: workflow_dispatch
jobs:
  last:
    runs-on: x
    needs: [first, bad]
    steps: [{ run: echo never }]
  report:
    runs-on: x
    needs: [bad, last]
    if: always()
    steps: [{ run: "echo \${{ needs.bad.result }} \${{ needs.last.result }}" }]
  after:
    runs-on: x
    needs: first
    steps: [{ run: "echo size \${{ needs.first.outputs.size }}" }]
  first:
    runs-on: x
    outputs: { size: "\${{ steps.s.outputs.size }}" }
    steps: [{ id: s, run: echo size=3 >> $GITHUB_OUTPUT }]
  bad:
    runs-on: x
    steps: [{ run: exit 3 }]
`)
    expect(await execute(execution)).toEqual({ conclusion: 'failure' })
    expect(execution.jobs().map((job) => [job.name, job.conclusion])).toEqual([
      ['last', 'skipped'],
      ['report', 'success'],
      ['after', 'success'],
      ['first', 'success'],
      ['bad', 'failure'],
    ])
    expect(execution.logOf('after')).toContain('size 3')
    expect(execution.logOf('report')).toContain('failure skipped')
  })

  test('runs jobs without needs side by side', async () => {
    const pipe = join(directory, 'pipe')
    const execution = executionOf(`
on: workflow_dispatch
jobs:
  one: { runs-on: x, steps: [{ run: 'mkfifo ${pipe}; touch ${pipe}.made; cat ${pipe}' }] }
  two: { runs-on: x, steps: [{ run: 'until test -e ${pipe}.made; do :; done; echo met > ${pipe}' }] }
`)
    expect(await execute(execution, { concurrency: 2 })).toEqual({ conclusion: 'success' })
    expect(execution.logOf('one')).toContain('met')
  })

  test('expands a matrix, and a job that may fail does not fail the run', async () => {
    const execution = executionOf(
      stepsOf(
        '      - run: test ${{ matrix.n }} = 1',
        '    strategy: { fail-fast: false, matrix: { n: [1, 2] } }\n    continue-on-error: true',
      ),
    )
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    expect(execution.jobs().map((job) => [job.name, job.conclusion])).toEqual([
      ['build (1)', 'success'],
      ['build (2)', 'failure'],
    ])
  })

  test('concludes skipped when all jobs were skipped', async () => {
    const execution = executionOf(stepsOf('      - run: exit 1', '    if: github.ref_name == 0'))
    expect(await execute(execution)).toEqual({ conclusion: 'skipped' })
  })

  test('fails the step of an action it does not know and names it', async () => {
    const execution = executionOf(stepsOf('      - uses: acme/deploy@v1\n      - run: echo never'))
    expect(await execute(execution)).toEqual({ conclusion: 'failure' })
    expect(execution.logOf()).toContain(
      "##[error]The sandbox does not know the action 'acme/deploy@v1'; it runs `run:` steps, actions/checkout and actions/setup-node.",
    )
  })

  test('says which Node.js setup-node stands for', async () => {
    const execution = executionOf(
      stepsOf('      - { uses: actions/setup-node@v4, with: { node-version: 22 } }\n      - run: node --version'),
    )
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    expect(execution.logOf().filter((line) => line.includes(process.version)).length).toBeGreaterThanOrEqual(3)
  })

  test('ends a workflow file it does not understand as startup_failure, with every reason in the log', async () => {
    const execution = executionOf(stepsOf('      - { run: x, retries: 3 }', '    colour: red'))
    expect(await execute(execution)).toEqual({ conclusion: 'startup_failure' })
    expect(execution.logOf().join('\n')).toMatch(/jobs\.build\.colour[\s\S]*jobs\.build\.steps\[0\]\.retries/)
  })

  test('says why a checkout failed', async () => {
    const execution = executionOf(stepsOf('      - uses: actions/checkout@v4'), {
      checkout: () => Promise.reject(new Error('acme/widget does not exist')),
    })
    expect(await execute(execution)).toEqual({ conclusion: 'failure' })
    expect(execution.logOf()).toContain('##[error]acme/widget does not exist')
  })

  test('a checkout does not leave the workspace', async () => {
    const execution = executionOf(stepsOf('      - { uses: actions/checkout@v4, with: { path: ../../x } }'))
    expect(await execute(execution)).toEqual({ conclusion: 'failure' })
    expect(execution.logOf().join('\n')).toContain('is not under')
  })

  test('keeps ten megabytes of output and says so', async () => {
    const execution = executionOf(
      stepsOf("      - run: head -c 11000000 /dev/zero | tr '\\\\0' 'x' | fold -w 1000; echo end"),
    )
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    const log = execution.logOf()
    expect(log.some((line) => line.includes('longer than 10485760 bytes'))).toBe(true)
    expect(log).not.toContain('end')
  })

  test('shows the payload of a repository_dispatch in expressions and in the file of the event', async () => {
    const execution = executionOf(
      stepsOf(`
      - run: echo "\${{ github.event.client_payload.branch }} \${{ toJSON(github.event.client_payload.more) }}" | tr '\\n' ' '
      - run: cat "$GITHUB_EVENT_PATH"
`),
      {
        event: 'repository_dispatch',
        ref: 'refs/heads/main',
        dispatch: { eventType: 'go', clientPayload: { branch: 'DPTA-1', more: [1] } },
      },
    )
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    expect(execution.logOf()).toContain('DPTA-1 [   1 ] ')
    const lines = execution.logOf()
    const event = JSON.parse(lines.slice(lines.lastIndexOf('{'), lines.lastIndexOf('}') + 1).join('\n')) as unknown
    expect(event).toEqual({
      action: 'go',
      branch: 'main',
      client_payload: { branch: 'DPTA-1', more: [1] },
      repository: expect.objectContaining({ full_name: 'acme/widget' }) as unknown,
      sender: { login: 'octocat' },
    })
  })

  test('removes the folders of its jobs', async () => {
    const execution = executionOf(stepsOf('      - run: mkdir -p a/b && touch a/b/c "$HOME/d" "$RUNNER_TEMP/e"'))
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    expect(await readdir(jobDirectory())).toEqual([])
  })

  // Only Linux shows whose process one in another session is.
  test.runIf(process.platform === 'linux')('ends what a job left running, also in another session', async () => {
    const file = join(directory, 'process')
    const clock = new ManualClock()
    // The step ends only when the process is in its session: while a program is being replaced by another, Linux shows no environment.
    const left = `echo $$ > ${file}.new; mv ${file}.new ${file}; tail -f /dev/null; exit`
    const step = `      - run: "setsid sh -c '${left}' & until test -f ${file}; do :; done; echo done"`
    const execution = executionOf(stepsOf(step))
    const result = execute(execution, { clock })
    // The process left behind holds the step's output open.
    await clock.asked(1_000)
    clock.advance(1_000)
    expect(await result).toEqual({ conclusion: 'success' })
    expect(execution.logOf()).toContain('done')
    await gone(Number(await readFile(file, 'utf8')))
  })
})

/** Resolves once a process has ended, whether or not anybody has asked for its end yet; the test's time limit is the only other way out. */
async function gone(id: number): Promise<void> {
  const state = (): Promise<string> => readFile(`/proc/${id}/stat`, 'utf8').catch(() => ') Z')
  while (!(await state()).includes(') Z')) await setImmediate()
}

describe('a cancel', () => {
  // The steps make their files with `:`, a part of bash: one that is still waiting for a program at SIGINT goes on if the program ends well.
  const waiting = (steps: string, job = ''): TestExecution =>
    executionOf(
      stepsOf(
        `      - { id: wait, run: "${steps}" }\n      - { run: echo cleaned, if: always() }\n      - run: echo never`,
        job,
      ),
    )

  const started = (execution: TestExecution): Promise<void> =>
    execution.until((jobs) => jobs[0]?.steps[1]?.status === 'in_progress')

  /** Resolves once a step has made the file, so that its traps are set. */
  const made = async (file: string): Promise<void> => {
    while (!(await readdir(directory)).includes(file)) await setImmediate()
  }

  test('interrupts the running step, runs what asks for it and concludes cancelled', async () => {
    const execution = waiting(`: > ${directory}/ready; tail -f /dev/null`)
    const result = execute(execution, { clock: new ManualClock() })
    await started(execution)
    await made('ready')
    execution.cancel()
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(conclusions(execution)).toEqual(['cancelled', 'success', 'skipped'])
    expect(execution.logOf()).toEqual(expect.arrayContaining(['##[error]The operation was canceled.', 'cleaned']))
  })

  test('sends SIGINT, SIGTERM after 7.5 s and SIGKILL after 2.5 s more', async () => {
    const clock = new ManualClock()
    const execution = waiting(
      `trap 'echo got INT; touch ${directory}/int' INT; trap 'echo got TERM; touch ${directory}/term' TERM; : > ${directory}/ready; while :; do :; done`,
    )
    const result = execute(execution, { clock })
    await started(execution)
    await made('ready')
    execution.cancel()
    await clock.asked(7_500)
    await made('int')
    clock.advance(7_500)
    await clock.asked(2_500)
    await made('term')
    clock.advance(2_500)
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(execution.logOf()).toEqual(expect.arrayContaining(['got INT', 'got TERM']))
  })

  test('leaves a job alone whose if holds for a cancelled run', async () => {
    const execution = waiting(`: > ${directory}/ready; until test -e ${directory}/go; do :; done`, '    if: always()')
    const result = execute(execution, { clock: new ManualClock() })
    await made('ready')
    execution.cancel()
    await writeFile(join(directory, 'go'), '')
    expect(await result).toEqual({ conclusion: 'success' })
  })

  test('cancels a job that still waits for a free place', async () => {
    const execution = executionOf(`
on: workflow_dispatch
jobs:
  one: { runs-on: x, steps: [{ run: ': > ${directory}/ready; tail -f /dev/null' }] }
  two: { runs-on: x, steps: [{ run: echo never }] }
`)
    const result = execute(execution, { concurrency: 1, clock: new ManualClock() })
    await made('ready')
    expect(execution.jobs().map((job) => job.status)).toEqual(['in_progress', 'queued'])
    execution.cancel()
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(execution.jobs().map((job) => job.conclusion)).toEqual(['cancelled', 'cancelled'])
  })

  test('ends everything at once when it is forced', async () => {
    const execution = waiting(`trap '' INT TERM; : > ${directory}/ready; while :; do :; done`)
    const result = execute(execution, { clock: new ManualClock() })
    await made('ready')
    execution.kill()
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(conclusions(execution)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  })
})

describe('a time limit', () => {
  const hanging = (step: string, job: string): TestExecution =>
    executionOf(stepsOf(`      - { run: ": > ${directory}/ready; tail -f /dev/null"${step} }`, job))

  test('of a job cancels it and the run, as on GitHub', async () => {
    const clock = new ManualClock()
    const execution = hanging('', '    timeout-minutes: 3')
    const result = execute(execution, { clock })
    while (!(await readdir(directory)).includes('ready')) await setImmediate()
    clock.advance(180_000)
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(execution.jobs()[0]?.conclusion).toBe('cancelled')
    expect(execution.logOf()).toContain('##[error]The job has exceeded the maximum execution time of 3 minutes.')
  })

  test('of a step fails it', async () => {
    const clock = new ManualClock()
    const execution = hanging(', timeout-minutes: 2, name: hang', '')
    const result = execute(execution, { clock })
    while (!(await readdir(directory)).includes('ready')) await setImmediate()
    clock.advance(120_000)
    expect(await result).toEqual({ conclusion: 'failure' })
    expect(execution.logOf()).toContain("##[error]The action 'hang' has timed out after 2 minutes.")
  })
})
