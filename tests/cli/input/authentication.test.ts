import { Readable, Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import type { Context } from '../../../src/cli/process/context.js'
import { runCommandLine } from '../../../src/cli/program.js'
import { startCommand } from '../../support/command.js'
import { Scene } from '../../support/scene.js'

interface Asked {
  origin: string
  path: string
  authorization: string | null
}

interface Answered {
  code: number
  stdout: string
  stderr: string
  asked: Asked[]
  /** The command lines of the programs whose output was read, such as `gh auth token …`. */
  programs: string[]
}

interface Surroundings {
  env?: Record<string, string>
  /** The output of `gh auth token`; left out: gh is missing or not logged in. */
  gh?: string
}

/** A scene with a change in repoB; its GitHub answers under every host name, and only to its own token. */
async function change(): Promise<Scene> {
  const scene = await Scene.open()
  await scene.change('repoB', 'DPTA-1')
  return scene
}

/** Runs `orch status DPTA-1` or the given command in an environment that contains only the given variables. */
async function orch(scene: Scene, { env = {}, gh }: Surroundings, words = 'status DPTA-1'): Promise<Answered> {
  const asked: Asked[] = []
  const programs: string[] = []
  const stdout = memory()
  const stderr = memory()
  const screen = (stream: Writable): Context['stdout'] => ({
    stream,
    isTTY: false,
    size: () => ({ columns: 80, rows: 24 }),
  })
  const context: Context = {
    argv: words.split(' '),
    env,
    cwd: scene.directory,
    isQuiet: false,
    stdout: screen(stdout.stream),
    stderr: screen(stderr.stream),
    stdin: { stream: Readable.from([]), isTTY: false },
    readStdin: () => Promise.resolve(''),
    ask: () => Promise.resolve(null),
    clock: scene.clock,
    random: () => 0.5,
    fetch: (input, init) => {
      const request = new Request(input, init)
      const { origin, pathname, search } = new URL(request.url)
      asked.push({ origin, path: pathname, authorization: request.headers.get('authorization') })
      const path = pathname.replace('/api/v3', '') + search
      return scene.sandbox.fetch(new Request(`http://127.0.0.1:9${path}`, request))
    },
    onSignal: () => () => undefined,
    exit: () => undefined,
    readProgram: (command, args) => {
      programs.push([command, ...args].join(' '))
      return Promise.resolve(command === 'gh' ? (gh ?? null) : null)
    },
    runProgram: (command) => Promise.reject(new Error(`${command} must not be run`)),
    nodeProgram: process.execPath,
    processes: { pid: process.pid, isAlive: () => true, interrupt: () => 'refused', signalGroup: () => undefined },
  }
  const code = await scene.clock.until(runCommandLine(context))
  return { code, stdout: stdout.text(), stderr: stderr.text(), asked, programs }
}

function memory(): { stream: Writable; text: () => string } {
  let text = ''
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString()
      done()
    },
  })
  return { stream, text: () => text }
}

describe('token of the command', () => {
  const right = '(right)'
  const server = { GH_HOST: 'github.acme.example' }
  test.each<[string, Record<string, string>, string | undefined, string]>([
    ['GH_TOKEN', { GH_TOKEN: right }, undefined, 'https://api.github.com'],
    ['GITHUB_TOKEN', { GITHUB_TOKEN: right }, undefined, 'https://api.github.com'],
    ['GH_TOKEN before GITHUB_TOKEN', { GH_TOKEN: right, GITHUB_TOKEN: 'no' }, 'no', 'https://api.github.com'],
    ['GITHUB_TOKEN where GH_TOKEN is empty', { GH_TOKEN: '', GITHUB_TOKEN: right }, 'no', 'https://api.github.com'],
    ['gh auth token', {}, right, 'https://api.github.com'],
    ['gh auth token, not one for an Enterprise Server', { GH_ENTERPRISE_TOKEN: 'no' }, right, 'https://api.github.com'],
    ['GH_TOKEN for ghe.com', { GH_HOST: 'acme.ghe.com', GH_TOKEN: right }, 'no', 'https://api.acme.ghe.com'],
    [
      'GH_ENTERPRISE_TOKEN for an Enterprise Server',
      { ...server, GH_ENTERPRISE_TOKEN: right, GITHUB_ENTERPRISE_TOKEN: 'no', GH_TOKEN: 'no' },
      'no',
      'https://github.acme.example',
    ],
    [
      'GITHUB_ENTERPRISE_TOKEN next',
      { ...server, GITHUB_ENTERPRISE_TOKEN: right, GITHUB_TOKEN: 'no' },
      'no',
      'https://github.acme.example',
    ],
    [
      'gh for an Enterprise Server, never GH_TOKEN',
      { ...server, GH_TOKEN: 'no' },
      right,
      'https://github.acme.example',
    ],
    [
      'that of the server in GITHUB_API_URL',
      { GITHUB_API_URL: 'https://github.acme.example/api/v3', GH_ENTERPRISE_TOKEN: right, GH_TOKEN: 'no' },
      'no',
      'https://github.acme.example',
    ],
    [
      'GITHUB_TOKEN in the Actions of an Enterprise Server',
      { GITHUB_ACTIONS: 'true', GITHUB_API_URL: 'https://github.acme.example/api/v3', GITHUB_TOKEN: right },
      'no',
      'https://github.acme.example',
    ],
    [
      'GH_TOKEN before GITHUB_TOKEN in the Actions of an Enterprise Server',
      {
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: 'https://github.acme.example/api/v3',
        GH_TOKEN: right,
        GITHUB_TOKEN: 'no',
      },
      'no',
      'https://github.acme.example',
    ],
    [
      'gh for a server that GH_HOST names in the Actions of another one',
      {
        ...server,
        GITHUB_ACTIONS: 'true',
        GITHUB_API_URL: 'https://github.other.example/api/v3',
        GITHUB_TOKEN: 'no',
      },
      right,
      'https://github.acme.example',
    ],
    [
      'that of GH_HOST, which goes before GITHUB_API_URL',
      { ...server, GITHUB_API_URL: 'https://api.github.com', GH_ENTERPRISE_TOKEN: right, GITHUB_TOKEN: 'no' },
      'no',
      'https://github.acme.example',
    ],
  ])('the token comes from %s and is sent only to that host', async (_what, variables, gh, origin) => {
    await using scene = await change()
    const fill = (text: string): string => text.replace(right, scene.sandbox.token)
    const env = Object.fromEntries(Object.entries(variables).map(([name, text]) => [name, fill(text)]))
    const { code, asked } = await orch(scene, { env, ...(gh === undefined ? {} : { gh: `${fill(gh)}\n` }) })
    expect(code).toBe(8)
    expect(new Set(asked.map((each) => each.origin))).toEqual(new Set([origin]))
    expect(new Set(asked.map(({ authorization }) => authorization?.split(' ')[1]))).toEqual(
      new Set([scene.sandbox.token]),
    )
  })

  test('the token is read from gh for the requested host only if no variable holds one', async () => {
    await using scene = await change()
    const { token } = scene.sandbox
    expect((await orch(scene, { gh: token })).programs).toEqual(['gh auth token --hostname github.com'])
    const server = await orch(scene, { gh: token, env: { GH_HOST: 'github.acme.example' } })
    expect(server.programs).toEqual(['gh auth token --hostname github.acme.example'])
    expect((await orch(scene, { gh: 'no', env: { GH_TOKEN: token } })).programs).toEqual([])
  })

  test('the token may be surrounded by white space, as in a file', async () => {
    await using scene = await change()
    expect((await orch(scene, { env: { GH_TOKEN: ` ${scene.sandbox.token}\r\n` } })).code).toBe(8)
  })
})

describe('missing token', () => {
  test.each<[string, Record<string, string>, string, string]>([
    ['github.com', {}, 'github.com', 'or set GH_TOKEN. It'],
    [
      'an Enterprise Server, although there is one for github.com',
      { GH_HOST: 'github.acme.example', GH_TOKEN: 'ghp_elsewhere' },
      'github.acme.example',
      'or set GH_ENTERPRISE_TOKEN (GH_TOKEN is for github.com only). It',
    ],
  ])('a missing token for %s exits 4 and explains in three lines how to get one', async (_what, env, host, remedy) => {
    await using scene = await change()
    for (const words of ['run DPTA-1', 'plan DPTA-1', 'invalidate', 'status DPTA-1']) {
      const { code, stdout, stderr, asked } = await orch(scene, { env }, words)
      expect(stderr.split('\n')).toEqual([
        `error: there is no token for ${host}`,
        '  why: no variable for this host holds one, and `gh auth token` gave none',
        `  what to do: run "gh auth login --hostname ${host}" ${remedy} needs Metadata: read, Contents: read, ` +
          'Pull requests: read, Commit statuses: write, Actions: write on acme/repoA, acme/repoB, acme/repoC, acme/repoD, acme/repoE',
        '',
      ])
      expect(stdout).toBe('')
      expect(code).toBe(4)
      expect(asked).toEqual([])
    }
    expect(await scene.files()).toEqual([])
  })

  test('a mistake in the graph file is reported before a missing token', async () => {
    await using scene = await change()
    const { code, stderr } = await orch(scene, {}, 'status DPTA-1 --config nowhere.yaml')
    expect(stderr).toContain('nowhere.yaml cannot be read')
    expect(code).toBe(2)
  })
})

describe('malformed token', () => {
  test.each<[string, Surroundings, string]>([
    ['GH_TOKEN', { env: { GH_TOKEN: 'ghp_SECRET\nghp_SECRET' } }, 'a space or a line break inside'],
    ['GITHUB_TOKEN', { env: { GITHUB_TOKEN: 'Bearer SECRET' } }, 'a space or a line break inside'],
    ['GH_TOKEN', { env: { GH_TOKEN: 'SECRET\u200b' } }, 'characters that no token has'],
    ['gh auth token', { gh: 'ghp_SECRET\r\nghp_SECRET\n' }, 'a space or a line break inside'],
    ['GH_TOKEN', { env: { GH_TOKEN: 'Y' } }, 'fewer than 8 characters, which no token has'],
    ['GITHUB_TOKEN', { env: { GITHUB_TOKEN: 'SECRET!' } }, 'fewer than 8 characters, which no token has'],
    ['gh auth token', { gh: '1\n' }, 'fewer than 8 characters, which no token has'],
  ])('a malformed token in %s is neither sent nor shown, and exits 4', async (source, surroundings, problem) => {
    await using scene = await change()
    const { code, stdout, stderr, asked } = await orch(scene, surroundings, 'run DPTA-1 --verbose')
    expect(stderr.split('\n')).toEqual([
      `error: the token in ${source} has ${problem}`,
      expect.stringMatching(/^ {2}why: /u),
      '  what to do: copy the whole token again, without anything around it',
      '',
    ])
    expect(stdout + stderr).not.toContain('SECRET')
    expect(stdout + stderr).not.toContain('[token]')
    expect(asked).toEqual([])
    expect(code).toBe(4)
  })
})

describe('refused token', () => {
  test.each(['run DPTA-1', 'plan DPTA-1', 'invalidate', 'status DPTA-1'])(
    'a token that GitHub refuses ends orch %s with exit code 4, is never shown, and nothing is written',
    async (words) => {
      await using scene = await change()
      const env = { GH_TOKEN: 'ghp_SECRET' }
      const { code, stdout, stderr } = await orch(scene, { env }, `${words} --verbose`)
      expect(stdout + stderr).toContain('refused the token')
      expect(stdout + stderr).not.toContain('SECRET')
      expect(code).toBe(4)
      expect(scene.writes()).toEqual([])
      expect(await scene.files()).toEqual([])
    },
  )
})

test('a token that a server sends back is not shown, not even with --verbose', async () => {
  await using scene = await change()
  const token = 'ghp_SECRET0123456789'
  const body = JSON.stringify({ message: `who is ${token}?`, documentation_url: `https://x.example/${token}` })
  const fetch = (): Promise<Response> =>
    Promise.resolve(new Response(body, { status: 422, headers: { 'content-type': 'application/json' } }))
  for (const words of ['run DPTA-1', 'plan DPTA-1', 'invalidate', 'status DPTA-1 --json']) {
    const place = { directory: scene.directory, clock: scene.clock, env: { GH_TOKEN: token }, fetch }
    const { code, stdout, stderr } = await scene.clock.until(startCommand(place, `${words} --verbose`).ended)
    expect(stdout + stderr).toContain('who is')
    expect(stdout + stderr).not.toContain('SECRET')
    expect(code).toBe(1)
  }
})

describe('missing network', () => {
  test.each<[string, string]>([
    ['ECONNREFUSED', 'connect ECONNREFUSED 140.82.121.6:443'],
    ['ENOTFOUND', 'getaddrinfo ENOTFOUND api.github.com'],
    ['EAI_AGAIN', 'getaddrinfo EAI_AGAIN api.github.com'],
  ])('a command without a network (%s) reports it in three lines and exits 1', async (code, message) => {
    await using scene = await change()
    const refused = (): Promise<Response> => {
      const cause = Object.assign(new Error(message), { code, syscall: message.split(' ')[0] })
      return Promise.reject(new TypeError('fetch failed', { cause }))
    }
    for (const words of ['run DPTA-1', 'plan DPTA-1', 'run DPTA-1 --json']) {
      const place = { directory: scene.directory, clock: scene.clock, env: { GH_TOKEN: 'ghp_a-token' }, fetch: refused }
      const ended = await scene.clock.until(startCommand(place, words).ended)
      expect(ended.stderr.split('\n')).toEqual([
        'error: acme/repoA, acme/repoB, acme/repoC and 2 more could not be read: ' +
          `there is no connection to api.github.com (${code}), tried 3 times`,
        '  why: GitHub could not be reached',
        '  what to do: check the network, and HTTPS_PROXY if there is a proxy',
        '',
      ])
      expect(ended.stdout).toBe('')
      expect(ended.code).toBe(1)
    }
    for (const words of ['status DPTA-1', 'invalidate DPTA-1']) {
      const place = { directory: scene.directory, clock: scene.clock, env: { GH_TOKEN: 'ghp_a-token' }, fetch: refused }
      const ended = await scene.clock.until(startCommand(place, words).ended)
      expect(ended.stdout).toContain(code)
      expect(ended.code).toBe(1)
    }
    expect(await scene.files()).toEqual([])
  })
})
