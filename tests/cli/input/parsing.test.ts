import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startCommand } from '../../support/command.js'
import type { CommandOptions, Ended } from '../../support/command.js'
import { Scene } from '../../support/scene.js'
import { TestClock } from '../../support/test-clock.js'

const commands = [
  'run',
  'plan',
  'init',
  'invalidate',
  'pass',
  'status',
  'serve',
  'worker',
  'workers',
  'dispatch',
  'event',
  'runs',
  'handoff',
  'flows',
  'graph',
  'version',
  'sandbox',
  'demo',
  'doctor',
  'setup',
  'list',
  'show',
  'resume',
  'watch',
  'cancel',
  'completion',
]

/** Runs the command in an empty folder, where no request to GitHub is possible. */
async function orch(words: string | readonly string[], options: CommandOptions = {}): Promise<Ended> {
  const directory = await mkdtemp(join(tmpdir(), 'orch-parsing-'))
  try {
    const fetch = (): Promise<Response> => Promise.reject(new Error('nothing may be asked'))
    return await startCommand({ directory, clock: new TestClock(), env: {}, fetch }, words, options).ended
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

describe('invalid command line', () => {
  const general = '(orch --help shows all commands, orch <command> --help its flags)'
  const ofRun = '(orch run --help shows its flags)'
  test.each<[string, string, string]>([
    ['bogus', "error: unknown command 'bogus'", general],
    ['statsu', '(Did you mean status?)', general],
    ['validate', '(orch plan shows what a run would do, orch flows check checks flow files)', general],
    ['--bogus', "error: unknown option '--bogus'", general],
    ['--dry-run run', "error: unknown option '--dry-run'", general],
    ['run --bogus', "error: unknown option '--bogus'", ofRun],
    ['run --token=ghp_16C7e42F292c6912E7710c838347Ae178B4a', "error: unknown option '--token=[token]'", ofRun],
    ['run --dryrun', '(Did you mean --dry-run?)', ofRun],
    ['run -x', "error: unknown option '-x'", ofRun],
    ['run --json=1', "error: unknown option '--json=1'", ofRun],
    ['run DPTA-1 DPTA-2', 'error: too many arguments', ofRun],
    ['run --timeout', "option '--timeout <duration>' argument missing", ofRun],
    ['run --timeout soon', 'Write it like 6h, 90m, 1h30m or 45s; a plain number is in minutes.', ofRun],
    ['run --timeout -5', 'Write it like 6h', ofRun],
    ['run --timeout 0', 'Write it like 6h', ofRun],
    ['run --timeout 0h0m', 'Write it like 6h', ofRun],
    ['run --timeout 5d', 'Write it like 6h', ofRun],
    ['run --timeout 30m1h', 'Write it like 6h', ofRun],
    ['run --max-parallel', "option '--max-parallel <count>' argument missing", ofRun],
    ['run --max-parallel 0', 'It must be a whole number, 1 or more.', ofRun],
    ['run --max-parallel 1.5', 'It must be a whole number, 1 or more.', ofRun],
    ['run --max-parallel -1', 'It must be a whole number, 1 or more.', ofRun],
    ['run --only', "option '--only <job>' argument missing", ofRun],
    ['run --config', "option '-c, --config <file>' argument missing", ofRun],
    ['plan --timeout soon', 'Write it like 6h', '(orch plan --help shows its flags)'],
    ['plan --dry-run', "error: unknown option '--dry-run'", '(orch plan --help shows its flags)'],
    ['status --only repoB', "error: unknown option '--only'", '(orch status --help shows its flags)'],
    ['status --reason x', "error: unknown option '--reason'", '(orch status --help shows its flags)'],
    ['invalidate --reason', "option '--reason <text>' argument missing", '(orch invalidate --help shows its flags)'],
    ['invalidate a b', 'error: too many arguments', '(orch invalidate --help shows its flags)'],
    ['sandbox --port', "option '--port <number>' argument missing", '(orch sandbox --help shows its flags)'],
    ['sandbox now', 'error: too many arguments', '(orch sandbox --help shows its flags)'],
    ['demo --sandbox', "error: unknown option '--sandbox'", '(orch demo --help shows its flags)'],
  ])(
    'the invalid command line "orch %s" exits 2 with the mistake and a hint on stderr, and nothing on stdout',
    async (words, problem, hint) => {
      const { code, stdout, stderr } = await orch(words)
      expect(stderr).toContain(problem)
      expect(stderr.trimEnd().split('\n').at(-1)).toBe(hint)
      expect(stdout).toBe('')
      expect(code).toBe(2)
    },
  )

  test.each(['abc', '-1', '65536', '1.5'])(
    'the invalid port of orch sandbox --port %s exits 2 with a hint on stderr, and nothing on stdout',
    async (port) => {
      await using scene = await Scene.open()
      const { code, stdout, stderr } = await scene.orch(['sandbox', `--port=${port}`])
      expect(stderr.split('\n')).toEqual([
        `error: --port ${port} is not a valid port`,
        '  why: a port is a whole number from 0 to 65535',
        '  what to do: Leave it out to use any free port.',
        '',
      ])
      expect(stdout).toBe('')
      expect(code).toBe(2)
      expect(await scene.files()).toEqual([])
    },
  )

  test.each(['--\u001b[31m\u202e', '--json\n::error::injected'])(
    'the error for %j contains no control sequences for a terminal or a CI runner',
    async (word) => {
      const { code, stdout, stderr } = await orch(['run', word])
      expect(stderr).toContain("error: unknown option '--")
      expect(stderr).not.toMatch(/^::|\p{Cf}/mu)
      expect(stderr).not.toContain(String.fromCharCode(27))
      expect(stdout).toBe('')
      expect(code).toBe(2)
    },
  )

  test('a name after -- is a branch even if it begins with a dash, and git refuses it', async () => {
    await using scene = await Scene.open()
    const { code, stderr } = await scene.orch('run -- --json')
    expect(stderr).toContain('"--json" is not a valid branch name')
    expect(code).toBe(2)
  })
})

test('orch run --help shows --new, not its former name', async () => {
  const { code, stdout } = await orch('run --help')
  expect(stdout).toContain('--new')
  expect(stdout).not.toContain('--anew')
  expect(code).toBe(0)
})

describe('flag values', () => {
  test.each<[string, number]>([
    ['6h', 21_600_000],
    ['90m', 5_400_000],
    ['1h30m', 5_400_000],
    ['45s', 45_000],
    ['90', 5_400_000],
    ['0.5', 30_000],
  ])('the value --timeout %s means %i ms', async (text, timeoutMs) => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const { stdout } = await scene.orch(`plan DPTA-1 --json --timeout ${text}`)
    expect(JSON.parse(stdout)).toMatchObject({ options: { timeoutMs } })
  })

  test('orch run without flags fails fast, posts statuses, may last six hours and has no limit except the graph', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const options = { failFast: true, maxParallel: null, only: null, postStatus: true, timeoutMs: 21_600_000 }
    expect(JSON.parse((await scene.orch('plan DPTA-1 --json')).stdout)).toMatchObject({ options })
  })

  test('flags may precede and follow the branch, and take their value after =', async () => {
    await using scene = await Scene.open()
    await scene.change('repoB', 'DPTA-1')
    const words = 'plan --no-fail-fast --max-parallel=2 DPTA-1 --no-status --only=repoB --json'
    const options = { failFast: false, maxParallel: 2, only: 'repoB', postStatus: false }
    expect(JSON.parse((await scene.orch(words)).stdout)).toMatchObject({ options })
  })

  test('fail-fast: false and max-parallel of the graph file apply where no flag overrides them', async () => {
    const graph = `version: 1\nowner: acme\nbranches: DPTA-*\nfail-fast: false\nmax-parallel: 3\njobs:\n  repoB: {}\n`
    await using scene = await Scene.open({ graph })
    await scene.change('repoB', 'DPTA-1')
    const asked = async (flags: string): Promise<unknown> =>
      JSON.parse((await scene.orch(`plan DPTA-1 --json ${flags}`)).stdout)
    expect(await asked('')).toMatchObject({ options: { failFast: false, maxParallel: 3 } })
    expect(await asked('--max-parallel 1')).toMatchObject({ options: { failFast: false, maxParallel: 1 } })
  })
})

describe('help and version', () => {
  test.each(['', ...commands])('orch %s --help fits 80 columns and exits 0', async (command) => {
    const { code, stdout, stderr } = await orch(`${command} --help`)
    expect(stdout).toMatch(new RegExp(`^Usage: orch ${command}`, 'u'))
    expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(stderr).toBe('')
    expect(code).toBe(0)
  })

  test.each(commands)('orch help %s prints the same as its --help', async (command) => {
    expect(await orch(`help ${command}`)).toEqual(await orch(`${command} -h`))
  })

  test('the help has lines of at most 100 columns on a wide terminal', async () => {
    const { stdout } = await orch('run --help', { terminal: { columns: 300, rows: 24 } })
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100)
  })

  test('orch --help names every command', async () => {
    const { stdout } = await orch('--help')
    const named = [...stdout.matchAll(/^ {2}([a-z]+) \[(?:options|command)\]/gmu)].map(([, name]) => name)
    expect(named.sort()).toEqual([...commands, 'help'].sort())
  })

  test('orch without arguments prints the help on stderr and exits 2, because it was given no command', async () => {
    const { code, stdout, stderr } = await orch('')
    expect(stderr).toBe((await orch('--help')).stdout)
    expect(stdout).toBe('')
    expect(code).toBe(2)
  })

  test.each(['--version', '-V'])('orch %s prints the version of package.json and nothing else', async (flag) => {
    const manifest = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
      version: string
    }
    expect(await orch(flag)).toMatchObject({ code: 0, stdout: `${manifest.version}\n`, stderr: '' })
  })
})

/** The flags that every command has. */
const globalFlags = ['--directory', '--no-color', '--quiet', '--help']

describe('docs/commands.md', () => {
  const sections = readFile(new URL('../../../docs/commands.md', import.meta.url), 'utf8').then(
    (text) => new Map(text.split(/^## /mu).map((part) => [/^`orch (\w+)/u.exec(part)?.[1] ?? '', part])),
  )
  const flagsIn = (text: string): string[] => [...new Set(text.match(/(?<![\w-])--[a-z][a-z-]+/gu) ?? [])].sort()
  const examplesIn = (text: string): string[] =>
    [...text.matchAll(/^```sh\n([^]*?)^```/gmu)].flatMap(([, block = '']) =>
      block
        .split('\n')
        .map((line) => line.replace(/ +#.*$/u, ''))
        .filter((line) => line.startsWith('orch ')),
    )

  test.each(commands)(
    'docs/commands.md describes every flag of orch %s with an example, and no other flag',
    async (name) => {
      const section = (await sections).get(name) ?? ''
      const { stdout } = await orch(`${name} --help`)
      const nested = [...stdout.matchAll(/^ {2}([a-z]+) \[options\]/gmu)].map(([, word]) => `${name} ${word ?? ''}`)
      const texts = await Promise.all(nested.map(async (words) => (await orch(`${words} --help`)).stdout))
      const flags = [stdout, ...texts].flatMap((text) =>
        [...text.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gmu)].map(([, flag = '']) => flag),
      )
      const own = [...new Set(flags)].filter((flag) => !globalFlags.includes(flag))
      const described = [...section.matchAll(/^\|[^|]*`(--[a-z-]+)/gmu)].map(([, flag = '']) => flag)
      expect(own.length > 0 || name === 'version').toBe(true)
      expect(described.sort()).toEqual(own.sort())
      expect(flagsIn(examplesIn(section).join('\n'))).toEqual(expect.arrayContaining(own))
    },
  )

  test('docs/commands.md describes the flags of every command, and the variables that set flags', async () => {
    const section = (await readFile(new URL('../../../docs/commands.md', import.meta.url), 'utf8'))
      .split(/^## /mu)
      .find((part) => part.startsWith('Flags of every command'))
    for (const flag of globalFlags) expect(section).toContain(`\`${flag}`)
    const { stdout } = await orch('--help')
    const variables = stdout.match(/ORCH_[A-Z_]+/gu) ?? []
    for (const variable of variables) expect(section).toContain(`\`${variable}\``)
  })

  test('docs/commands.md contains only examples that orch accepts', async () => {
    // The demo takes a minute, and the examples of orch init have a test of their own.
    const isElsewhere = (line: string): boolean => /^orch (?:demo|init)\b/u.test(line)
    const examples = [...(await sections).values()].flatMap(examplesIn).filter((line) => !isElsewhere(line))
    expect(examples.length).toBeGreaterThan(20)
    // At once, because those that ask a service which is not there try it again for seconds.
    const refused = examples.map(async (example) => {
      const words = [...example.slice('orch '.length).matchAll(/'([^']*)'|(\S+)/gu)].map(
        ([, quoted, plain]) => quoted ?? plain ?? '',
      )
      const { code, stdout, stderr } = await orch(words)
      // orch doctor names a missing graph file in its table.
      const said = example.startsWith('orch doctor') ? stdout : stderr
      const isUnderstood =
        code === 0 ||
        /there is no (?:orchestrator\.yaml|PostgreSQL to work on|event|run|flow|token)|cannot be re(?:ad|ached)/u.test(
          said,
        )
      return isUnderstood ? [] : [`${example}: ${stderr}`]
    })
    expect((await Promise.all(refused)).flat()).toEqual([])
  })
})
