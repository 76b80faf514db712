import { copyFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { wantedPermissions } from '../../src/service/github-app/app-permissions.js'
import { startProgram } from '../cli/support/built-command.js'
import type { Exit } from '../cli/support/built-command.js'
import { branch, LocalGitHub } from '../cli/support/local-github.js'
import { oneJobGraph, WorkFolder } from '../cli/support/work-folder.js'
import { actionFile, ActionStep } from './runner.js'
import type { Inputs } from './runner.js'

interface StepResult extends Exit {
  outputs: Record<string, string>
  summary: string
  states: string[]
}

/** Runs a step of the Action to its end, on a GitHub whose builds end with `build`. */
async function runStep(
  inputs: (github: LocalGitHub) => Inputs | Promise<Inputs>,
  build = 'echo built',
): Promise<StepResult> {
  await using folder = await WorkFolder.open(oneJobGraph)
  await using github = await LocalGitHub.open(folder, build)
  const step = new ActionStep(folder, github, await inputs(github))
  await using program = await step.start()
  const exit = await program.ended
  return { ...exit, outputs: await step.outputs(), summary: await step.summary(), states: github.states() }
}

const withToken =
  (inputs: Inputs) =>
  ({ sandbox }: LocalGitHub): Inputs => ({ token: sandbox.token, ...inputs })

describe('a step of the Action', () => {
  test('builds the change, unlocks it, and reports the outcome in its outputs and in its summary', async () => {
    const result = await runStep(withToken({ branch }))

    expect(result).toMatchObject({ code: 0, stderr: '', states: ['pending', 'success'] })
    const { result: outcome, orchestration, digest, runs = '', unlocked = '' } = result.outputs
    expect({ outcome, orchestration, digest }).toEqual({
      outcome: 'succeeded',
      orchestration: expect.stringMatching(/^\w{16}$/u) as unknown,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/u) as unknown,
    })
    expect(JSON.parse(runs)).toMatchObject([
      { job: 'lib', repository: 'acme/lib', runAttempt: 1, outcome: 'succeeded' },
    ])
    expect(JSON.parse(unlocked)).toMatchObject([{ repository: 'acme/lib', number: 1 }])
    expect(result.summary).toContain('```mermaid\nflowchart LR\n')
  })

  test('that fails a build fails with an annotation and the outcome', async () => {
    const result = await runStep(withToken({ branch }), 'exit 1')

    expect(result).toMatchObject({ code: 1, states: ['pending', 'failure'], outputs: { result: 'failed' } })
    expect(result.stdout).toContain('::error title=lib failed::its run concluded failure')
  })

  test('writes no part of its token, which the runner is asked to mask first', async () => {
    let token = ''
    const result = await runStep((github) => {
      token = github.sandbox.token
      return { token, branch, arguments: '--verbose' }
    })

    const [mask, ...lines] = result.stdout.split('\n')
    expect(mask).toBe(`::add-mask::${token}`)
    expect([...lines, result.stderr, result.summary, ...Object.values(result.outputs)].join('\n')).not.toContain(token)
  })

  test('acts as a GitHub App with its id and its private key, of which it shows nothing', async () => {
    let privateKey = ''
    const result = await runStep(async ({ sandbox: { admin } }) => {
      const app = await admin.createApp({ name: 'Orch', owner: 'acme', permissions: wantedPermissions() })
      admin.installApp('orch', 'acme')
      ;({ privateKey } = app)
      return { 'app-id': String(app.id), 'private-key': privateKey, branch }
    })

    expect(result).toMatchObject({ code: 0, stderr: '', states: ['pending', 'success'] })
    const shown = result.stdout.replaceAll(/^::add-mask::.*\n/gmu, '') + result.summary
    for (const line of privateKey.trim().split('\n').slice(1, -1)) expect(shown).not.toContain(line)
  })

  test.each(['--dry-run', '--help', '--json', '-v'])(
    'reads the branch %s as a branch, never as a flag',
    async (name) => {
      const result = await runStep(withToken({ branch: name }))

      expect(result).toMatchObject({ code: 2, states: [], outputs: { result: 'stopped' } })
      expect(result.stderr).toContain(`::error title=orch::`)
      expect(result.stderr).toContain(name)
    },
  )

  test('takes the flags of the command from its arguments, one on each line', async () => {
    const result = await runStep(withToken({ branch, arguments: '--no-status\n\n  --timeout=20m  \n' }))

    expect(result).toMatchObject({ code: 0, states: [], outputs: { result: 'succeeded' } })
  })

  test('of another command reports whether it succeeded', async () => {
    const result = await runStep(withToken({ command: 'invalidate', branch, reason: '--dry-run; repoB changed' }))

    expect(result).toMatchObject({ code: 0, stderr: '', states: ['pending'], outputs: { result: 'succeeded' } })
    expect(result.stdout).toContain('--dry-run; repoB changed')
  })

  test.each<[string, Inputs, string]>([
    ['an unknown command', { command: 'serve' }, 'serve is not a command of the Action'],
    ['a flag as the command', { command: '--version' }, '--version is not a command of the Action'],
    ['a token and an App', { 'app-id': '1', token: 'a-token-for-nothing' }, 'the inputs name a token and a GitHub App'],
    ['an App without a key', { 'app-id': '1' }, 'the input app-id is set without private-key'],
    ['a key without an App', { 'private-key': 'x' }, 'the input private-key is set without app-id'],
    ['no token', { branch }, 'there is no token for 127.0.0.1'],
    ['an unknown graph file', { token: 'a-token-for-nothing', config: 'none.yaml' }, 'none.yaml cannot be read'],
  ])('with %s fails, and an annotation says why', async (_what, inputs, why) => {
    const { code, stderr } = await runStep(() => inputs)

    expect(code).toBeGreaterThan(0)
    expect(stderr.split('\n')).toContainEqual(expect.stringContaining(`::error title=orch::${why}`))
  })

  test('declares its outputs, and starts with the Node that GitHub has', () => {
    expect(Object.keys(actionFile.outputs)).toEqual(
      expect.arrayContaining(['result', 'orchestration', 'digest', 'runs']),
    )
    expect(actionFile.runs.using).toBe('node24')
  })

  test('needs only its file and package.json', async () => {
    await using folder = await WorkFolder.open()
    for (const name of ['package.json', 'dist/action/main.js'])
      await copyFile(new URL(`../../${name}`, import.meta.url), join(folder.path, basename(name)))
    const env = { INPUT_COMMAND: 'serve', GITHUB_ACTIONS: 'true' }

    await using program = startProgram(process.execPath, ['main.js'], { cwd: folder.path, env })

    expect(await program.ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('serve is not a command of the Action') as unknown,
    })
  })
})
