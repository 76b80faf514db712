import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { DeploymentVerdict, ExecutionResult } from '../../../src/sandbox/executor.js'
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

/** Returns a workflow with one job that has the given steps. */
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

describe('process executor', () => {
  test('process executor runs the steps in the workspace with the files of the checkout', async () => {
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

  test('process executor fails the job at `exit 1`, skips later steps and still runs a step with `if: always()`', async () => {
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

  test('process executor stops bash at the first error, and in a pipe only with an explicit `shell: bash`, like GitHub', async () => {
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

  test('process executor passes only PATH from the environment of the caller', async () => {
    vi.stubEnv('GH_TOKEN', 'ghp_secret')
    vi.stubEnv('SSH_AUTH_SOCK', '/tmp/agent')
    vi.stubEnv('npm_config_registry', 'https://registry.example')
    vi.stubEnv('GIT_DIR', '/tmp/elsewhere')
    const execution = executionOf(stepsOf('      - run: env | cut -d= -f1 | sort'))
    await execute(execution)
    const names = execution.logOf()
    const variables = names.slice(names.lastIndexOf('##[endgroup]') + 1).filter((line) => /^\w+$/.test(line))
    const github = variables.filter((name) => /^(GITHUB|RUNNER)_/.test(name))
    // Bash sets the last four itself.
    const others = ['CI', 'HOME', 'LANG', 'PATH', 'TMPDIR', 'OLDPWD', 'PWD', 'SHLVL', '_']
    expect(variables.filter((name) => !github.includes(name) && !others.includes(name))).toEqual([])
    expect(github).toContain('GITHUB_SHA')
    expect(github).not.toContain('GITHUB_TOKEN')
    expect(variables).toContain('HOME')
  })

  test('process executor sets the default variables of GitHub, which a workflow cannot change', async () => {
    const execution = executionOf(
      stepsOf(
        '      - { run: "echo $GITHUB_REPOSITORY $GITHUB_REPOSITORY_OWNER $GITHUB_REF_NAME $GITHUB_RUN_ID $CI $GITHUB_JOB $RUNNER_OS", env: { GITHUB_REPOSITORY: other } }',
      ),
    )
    await execute(execution)
    expect(execution.logOf().join('\n')).toMatch(/\nacme\/widget acme DPTA-1 4294967297 true build \w+\n/)
  })

  test('process executor passes environment, outputs and path from step to step, and hides masked values', async () => {
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

  test('process executor runs jobs in the order of their needs, passes outputs and skips dependents of a failed job', async () => {
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

  test('process executor runs jobs without needs in parallel', async () => {
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

  test('process executor expands a matrix, and a failed job with continue-on-error does not fail the run', async () => {
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

  test('process executor concludes skipped when all jobs are skipped', async () => {
    const execution = executionOf(stepsOf('      - run: exit 1', '    if: github.ref_name == 0'))
    expect(await execute(execution)).toEqual({ conclusion: 'skipped' })
  })

  test('process executor fails the step of an unknown action and names the action', async () => {
    const execution = executionOf(stepsOf('      - uses: acme/deploy@v1\n      - run: echo never'), {
      checkout: () => Promise.reject(new Error('checkout: the repository acme/deploy does not exist')),
    })
    expect(await execute(execution)).toEqual({ conclusion: 'failure' })
    expect(execution.logOf()).toContain(
      "##[error]The sandbox does not know the action 'acme/deploy@v1' (checkout: the repository acme/deploy does not exist). It has actions/checkout, actions/setup-node, actions/upload-artifact, actions/download-artifact, and runs JavaScript actions of its repositories.",
    )
  })

  test('process executor logs the Node.js version that setup-node provides', async () => {
    const execution = executionOf(
      stepsOf('      - { uses: actions/setup-node@v4, with: { node-version: 22 } }\n      - run: node --version'),
    )
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    expect(execution.logOf().filter((line) => line.includes(process.version)).length).toBeGreaterThanOrEqual(3)
  })

  test('process executor ends an invalid workflow file as startup_failure and logs every reason', async () => {
    const execution = executionOf(stepsOf('      - { run: x, retries: 3 }', '    colour: red'))
    expect(await execute(execution)).toEqual({ conclusion: 'startup_failure' })
    expect(execution.logOf().join('\n')).toMatch(/jobs\.build\.colour[\s\S]*jobs\.build\.steps\[0\]\.retries/)
  })

  test('process executor logs why a checkout failed', async () => {
    const execution = executionOf(stepsOf('      - uses: actions/checkout@v4'), {
      checkout: () => Promise.reject(new Error('acme/widget does not exist')),
    })
    expect(await execute(execution)).toEqual({ conclusion: 'failure' })
    expect(execution.logOf()).toContain('##[error]acme/widget does not exist')
  })

  test('process executor refuses a checkout path outside the workspace', async () => {
    const execution = executionOf(stepsOf('      - { uses: actions/checkout@v4, with: { path: ../../x } }'))
    expect(await execute(execution)).toEqual({ conclusion: 'failure' })
    expect(execution.logOf().join('\n')).toContain('is not under')
  })

  test('process executor truncates the output of a step at ten megabytes and logs a warning', async () => {
    const execution = executionOf(
      stepsOf("      - run: head -c 11000000 /dev/zero | tr '\\\\0' 'x' | fold -w 1000; echo end"),
    )
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    const log = execution.logOf()
    expect(log.some((line) => line.includes('longer than 10485760 bytes'))).toBe(true)
    expect(log).not.toContain('end')
  })

  test('process executor provides the payload of a repository_dispatch in expressions and in the event file', async () => {
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

  test('process executor removes the folders of its jobs', async () => {
    const execution = executionOf(stepsOf('      - run: mkdir -p a/b && touch a/b/c "$HOME/d" "$RUNNER_TEMP/e"'))
    expect(await execute(execution)).toEqual({ conclusion: 'success' })
    expect(await readdir(jobDirectory())).toEqual([])
  })

  // Only Linux shows which job a process in another session belongs to.
  test.runIf(process.platform === 'linux')(
    'process executor ends background processes of a job, also in another session',
    async () => {
      const file = join(directory, 'process')
      const clock = new ManualClock()
      // The step waits until the process is in its own session, because Linux shows no environment while a program replaces another.
      const left = `echo $$ > ${file}.new; mv ${file}.new ${file}; tail -f /dev/null; exit`
      const step = `      - run: "setsid sh -c '${left}' & until test -f ${file}; do :; done; echo done"`
      const execution = executionOf(stepsOf(step))
      const result = execute(execution, { clock })
      // The background process holds the step's output open.
      await clock.sleepStarted(1_000)
      clock.advance(1_000)
      expect(await result).toEqual({ conclusion: 'success' })
      expect(execution.logOf()).toContain('done')
      await exited(Number(await readFile(file, 'utf8')))
    },
  )
})

/** Polls until a process has ended, even if its parent has not reaped it. The test's timeout is the only other end of the loop. */
async function exited(id: number): Promise<void> {
  const state = (): Promise<string> => readFile(`/proc/${id}/stat`, 'utf8').catch(() => ') Z')
  while (!(await state()).includes(') Z')) await setImmediate()
}

describe('cancel', () => {
  // The steps create their files with the builtin `:`, because a bash that waits for a program at SIGINT continues if the program succeeds.
  const waiting = (steps: string, job = ''): TestExecution =>
    executionOf(
      stepsOf(
        `      - { id: wait, run: "${steps}" }\n      - { run: echo cleaned, if: always() }\n      - run: echo never`,
        job,
      ),
    )

  const started = (execution: TestExecution): Promise<void> =>
    execution.until((jobs) => jobs[0]?.steps[1]?.status === 'in_progress')

  /** Resolves once a step has created the file, so that its traps are set. */
  const created = async (file: string): Promise<void> => {
    while (!(await readdir(directory)).includes(file)) await setImmediate()
  }

  test('cancel interrupts the running step, runs steps with `if: always()` and concludes cancelled', async () => {
    const execution = waiting(`: > ${directory}/ready; tail -f /dev/null`)
    const result = execute(execution, { clock: new ManualClock() })
    await started(execution)
    await created('ready')
    execution.cancel()
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(conclusions(execution)).toEqual(['cancelled', 'success', 'skipped'])
    expect(execution.logOf()).toEqual(expect.arrayContaining(['##[error]The operation was canceled.', 'cleaned']))
  })

  test('cancel sends SIGINT, SIGTERM after 7.5 s and SIGKILL after 2.5 s more', async () => {
    const clock = new ManualClock()
    const execution = waiting(
      `trap 'echo got INT; touch ${directory}/int' INT; trap 'echo got TERM; touch ${directory}/term' TERM; : > ${directory}/ready; while :; do :; done`,
    )
    const result = execute(execution, { clock })
    await started(execution)
    await created('ready')
    execution.cancel()
    await clock.sleepStarted(7_500)
    await created('int')
    clock.advance(7_500)
    await clock.sleepStarted(2_500)
    await created('term')
    clock.advance(2_500)
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(execution.logOf()).toEqual(expect.arrayContaining(['got INT', 'got TERM']))
  })

  test('cancel does not end a job whose `if` is true for a cancelled run', async () => {
    const execution = waiting(`: > ${directory}/ready; until test -e ${directory}/go; do :; done`, '    if: always()')
    const result = execute(execution, { clock: new ManualClock() })
    await created('ready')
    execution.cancel()
    await writeFile(join(directory, 'go'), '')
    expect(await result).toEqual({ conclusion: 'success' })
  })

  test('cancel ends a job that waits for a free slot', async () => {
    const execution = executionOf(`
on: workflow_dispatch
jobs:
  one: { runs-on: x, steps: [{ run: ': > ${directory}/ready; tail -f /dev/null' }] }
  two: { runs-on: x, steps: [{ run: echo never }] }
`)
    const result = execute(execution, { concurrency: 1, clock: new ManualClock() })
    await created('ready')
    expect(execution.jobs().map((job) => job.status)).toEqual(['in_progress', 'queued'])
    execution.cancel()
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(execution.jobs().map((job) => job.conclusion)).toEqual(['cancelled', 'cancelled'])
  })

  test('forced cancel ends all processes at once', async () => {
    const execution = waiting(`trap '' INT TERM; : > ${directory}/ready; while :; do :; done`)
    const result = execute(execution, { clock: new ManualClock() })
    await created('ready')
    execution.kill()
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(conclusions(execution)).toEqual(['cancelled', 'cancelled', 'cancelled'])
  })
})

describe('time limit', () => {
  const hanging = (step: string, job: string): TestExecution =>
    executionOf(stepsOf(`      - { run: ": > ${directory}/ready; tail -f /dev/null"${step} }`, job))

  test('time limit of a job cancels the job and the run, as on GitHub', async () => {
    const clock = new ManualClock()
    const execution = hanging('', '    timeout-minutes: 3')
    const result = execute(execution, { clock })
    while (!(await readdir(directory)).includes('ready')) await setImmediate()
    clock.advance(180_000)
    expect(await result).toEqual({ conclusion: 'cancelled' })
    expect(execution.jobs()[0]?.conclusion).toBe('cancelled')
    expect(execution.logOf()).toContain('##[error]The job has exceeded the maximum execution time of 3 minutes.')
  })

  test('time limit of a step fails the step', async () => {
    const clock = new ManualClock()
    const execution = hanging(', timeout-minutes: 2, name: hang', '')
    const result = execute(execution, { clock })
    while (!(await readdir(directory)).includes('ready')) await setImmediate()
    clock.advance(120_000)
    expect(await result).toEqual({ conclusion: 'failure' })
    expect(execution.logOf()).toContain("##[error]The action 'hang' has timed out after 2 minutes.")
  })

  test('process executor lets a job wait for the review of its environment, after the jobs that it needs', async () => {
    const asked: string[] = []
    let approve: (verdict: DeploymentVerdict) => void = () => undefined
    const execution = executionOf(
      `on: workflow_dispatch
jobs:
  build: { runs-on: x, outputs: { name: production }, steps: [{ run: 'true' }] }
  deploy: { runs-on: x, needs: build, environment: { name: '\${{ needs.build.outputs.name }}' }, steps: [{ run: echo out }] }
`,
      {
        requestDeployment: (environment) => {
          asked.push(environment)
          return new Promise((resolve) => (approve = resolve))
        },
      },
    )
    const result = execute(execution)
    await execution.until((jobs) => jobs[1]?.status === 'waiting')
    expect([asked, execution.jobs()[0]?.conclusion]).toEqual([['production'], 'success'])
    approve('approved')
    expect(await result).toEqual({ conclusion: 'success' })
    expect(execution.logOf('deploy')).toContain('out')
  })

  test.each(['rejected', 'cancelled'] as const)(
    'process executor ends a job whose deployment was %s',
    async (verdict) => {
      const execution = executionOf(stepsOf('      - run: echo out', '    environment: production'), {
        requestDeployment: () => Promise.resolve(verdict),
      })
      expect(await execute(execution)).toEqual({ conclusion: verdict === 'rejected' ? 'failure' : 'cancelled' })
      expect(execution.logOf()).not.toContain('out')
    },
  )
})
