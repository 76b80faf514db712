import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseDuration } from '../../../src/cli/flags/duration.js'
import { matchesBranches } from '../../../src/model/branch-pattern.js'
import { branch, LocalGitHub } from '../support/local-github.js'
import { readTemplate, startStep } from '../support/template-step.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

/** How long after the first signal GitHub sends the second, ms. */
const secondSignalMs = 7_500

/** How a cancelled step of orchestrate.yml ends, with the runs and statuses on GitHub. `signal` reaches only bash. */
async function cancelStep(signal: NodeJS.Signals): Promise<{
  code: number | null
  ended: 'in time' | 'late'
  runs: (string | null)[]
  states: string[]
  outputs: string
}> {
  await using folder = await WorkFolder.open(oneJobGraph)
  await using github = await LocalGitHub.open(folder, 'sleep 600')
  const { step } = await readTemplate('orchestrate.yml')
  const outputs = join(folder.path, 'outputs')
  await writeFile(outputs, '')
  await using command = await startStep(folder, {
    step,
    values: { 'secrets.ORCH_TOKEN': github.sandbox.token, 'inputs.branch': branch },
    env: {
      GITHUB_ACTIONS: 'true',
      GITHUB_API_URL: `${github.url}/api/v3`,
      GITHUB_OUTPUT: outputs,
      GH_ENTERPRISE_TOKEN: github.sandbox.token,
    },
  })
  await github.building(command)
  const deadline = AbortSignal.timeout(secondSignalMs)
  command.signal(signal)
  const { code } = await command.ended
  const ended = deadline.aborted ? 'late' : 'in time'
  await github.sandbox.admin.idle()
  const written = await readFile(outputs, 'utf8')
  return { code, ended, runs: github.conclusions(), states: github.states(), outputs: written }
}

describe('config/workflows/orchestrate.yml', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'a %s that reaches only the shell of the step cancels the runs and closes the statuses before GitHub kills the job',
    async (signal) => {
      const result = await cancelStep(signal)
      expect(result).toMatchObject({ code: 130, ended: 'in time', runs: ['cancelled'], states: ['pending', 'error'] })
      expect(result.outputs).toContain('cancelled')
    },
  )

  test('a branch name that looks like a flag is read as a branch', async () => {
    await using folder = await WorkFolder.open(oneJobGraph)
    const { step } = await readTemplate('orchestrate.yml')
    const values = { 'secrets.ORCH_TOKEN': 'a-token-for-nothing', 'inputs.branch': '--help' }
    await using command = await startStep(folder, { step, values })
    const { code, stdout, stderr } = await command.ended
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--help')
  })

  test('the time limit of orch is shorter than that of its job, and the step has an id', async () => {
    const { job, step } = await readTemplate('orchestrate.yml')
    const [, timeout = ''] = /--timeout (\S+)/u.exec(step.run) ?? []
    const limitMs = (job['timeout-minutes'] ?? 0) * 60_000
    expect(parseDuration(timeout)).toBeGreaterThan(0)
    expect(parseDuration(timeout)).toBeLessThan(limitMs - 10 * 60_000)
    expect(step.id).toBe('orch')
  })
})

describe('config/workflows/invalidate.yml', () => {
  test.each(['DPTA-1', 'DPTA-', 'DPTA-1/x', 'dpta-1', 'Dpta-1', 'xDPTA-1', 'DPTA', 'DPTA-*', '-DPTA-1', 'DPTA-ä'])(
    'the step starts orch for %s only where `branches: DPTA-*` matches it',
    async (name) => {
      await using folder = await WorkFolder.open(oneJobGraph)
      await using command = await startRecorded(folder, name)
      const { code, stdout } = await command.ended
      expect(code).toBe(0)
      const started = ['bin/orch.js', 'invalidate', '--reason', 'lib changed', '--', name]
      if (matchesBranches(['DPTA-*'], name)) expect(JSON.parse(stdout)).toEqual(started)
      else expect(stdout).toBe(`${name} is not the branch of a coordinated change\n`)
    },
  )

  test.each([
    ['opened', ['--if-changed']],
    ['reopened', ['--if-changed']],
    ['synchronize', []],
    ['edited', []],
    ['closed', []],
  ])('the step starts orch for the event %s with %j', async (action, flags) => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using command = await startRecorded(folder, branch, action)
    const { code, stdout } = await command.ended
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toEqual(['bin/orch.js', 'invalidate', '--reason', 'lib changed', ...flags, '--', branch])
  })

  test.each([
    ['synchronize', ['pending'], '1 locked'],
    ['opened', [], 'Nothing to lock: no open pull request has a success'],
  ])('after the event %s the statuses of a change without a success are %j', async (action, states, line) => {
    await using folder = await WorkFolder.open(oneJobGraph)
    await using github = await LocalGitHub.open(folder, 'echo built')
    const { step } = await readTemplate('invalidate.yml')
    await using command = await startStep(folder, {
      step,
      values: {
        'secrets.ORCH_TOKEN': github.sandbox.token,
        'github.event.action': action,
        'github.head_ref': branch,
        'github.event.repository.name': 'lib',
      },
      env: { GITHUB_API_URL: `${github.url}/api/v3`, GH_ENTERPRISE_TOKEN: github.sandbox.token },
    })
    const { code, stdout, stderr } = await command.ended
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain(line)
    expect(github.states()).toEqual(states)
  })
})

/** The step of invalidate.yml with a `node` that prints the words it was started with. */
async function startRecorded(folder: WorkFolder, name: string, action = 'synchronize'): ReturnType<typeof startStep> {
  const programs = join(folder.path, 'programs')
  await mkdir(programs)
  const recorder = `#!${process.execPath}\nprocess.stdout.write(JSON.stringify(process.argv.slice(2)))\n`
  await writeFile(join(programs, 'node'), recorder)
  await chmod(join(programs, 'node'), 0o755)
  const { step } = await readTemplate('invalidate.yml')
  const values = {
    'secrets.ORCH_TOKEN': 'a-token-for-nothing',
    'github.event.action': action,
    'github.head_ref': name,
    'github.event.repository.name': 'lib',
  }
  return startStep(folder, { step, values, env: { PATH: `${programs}:${process.env['PATH'] ?? ''}` } })
}
