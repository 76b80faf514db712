import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { matchesBranches } from '../../../src/model/branch-pattern.js'
import { branch, LocalGitHub } from '../support/local-github.js'
import { readTemplate, startStep } from '../support/template-step.js'
import { oneJobGraph, WorkFolder } from '../support/work-folder.js'

describe('config/workflows/invalidate.yml', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'a %s that reaches only the shell of the step ends orch, because the step replaces its shell by orch',
    async (signal) => {
      await using folder = await WorkFolder.open(oneJobGraph)
      await using github = await SilentServer.open()
      const { step } = await readTemplate('invalidate.yml')
      const values = {
        'secrets.ORCH_TOKEN': 'a-token-for-nothing',
        'github.event.action': 'synchronize',
        'github.head_ref': branch,
        'github.event.repository.name': 'lib',
      }
      const env = { GITHUB_API_URL: `${github.url}/api/v3`, GH_ENTERPRISE_TOKEN: 'a-token-for-nothing' }
      await using command = await startStep(folder, { step, values, env })
      await github.asked
      command.signal(signal)
      const { code, stderr } = await command.ended
      expect(code).toBe(130)
      expect(stderr).toContain(`interrupted by ${signal}`)
    },
  )

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

/** A server that answers nothing. */
class SilentServer implements AsyncDisposable {
  readonly url: string
  /** Resolves when the first request has arrived. */
  readonly asked: Promise<void>
  readonly #server: Server

  private constructor(server: Server, asked: Promise<void>) {
    const { port } = server.address() as AddressInfo
    this.url = `http://127.0.0.1:${port}`
    this.asked = asked
    this.#server = server
  }

  static async open(): Promise<SilentServer> {
    const server = createServer()
    const asked = new Promise<void>((resolve) => server.once('request', () => resolve()))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return new SilentServer(server, asked)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close()
    this.#server.closeAllConnections()
    return Promise.resolve()
  }
}
