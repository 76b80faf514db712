import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startCommand } from './support/command.js'
import {
  readPages,
  wideLines,
  wrongCommands,
  wrongFlags,
  wrongLinks,
  wrongPaths,
  wrongScripts,
} from './support/documentation.js'
import type { Flags, Page } from './support/documentation.js'
import { TestClock } from './support/test-clock.js'

const pages = readPages()
const records = pages.filter(({ path }) => /^docs\/decisions\/\d/u.test(path))
const flags = readFlags()
const scripts = readScripts()

/** What the program's own help lists. */
async function readFlags(): Promise<Flags> {
  const general = await help('')
  const known = new Map([['', new Set(flagsIn(general))]])
  for (const name of commandsIn(general)) {
    const text = await help(name)
    known.set(name, new Set(flagsIn(text)))
    for (const nested of commandsIn(text))
      known.set(`${name} ${nested}`, new Set(flagsIn(await help(`${name} ${nested}`))))
  }
  return known
}

function commandsIn(text: string): string[] {
  return [...text.matchAll(/^ {2}([a-z]+) \[(?:options|command)\]/gmu)].map(([, name = '']) => name)
}

async function help(command: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'orch-docs-'))
  try {
    const fetch = (): Promise<Response> => Promise.reject(new Error('help needs no network'))
    const started = startCommand({ directory, clock: new TestClock(), env: {}, fetch }, `${command} --help`)
    return (await started.ended).stdout
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function flagsIn(text: string): string[] {
  return [...text.matchAll(/^ {2}(?:(-\w), )?(--[a-z-]+)/gmu)].flatMap((match) => match.slice(1).filter(Boolean))
}

async function readScripts(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    scripts: Record<string, string>
  }
  return Object.keys(manifest.scripts)
}

/** The flags that a page may name without a command: those of `orch`, of the scripts beside it, and what the changelog says was renamed. */
async function knownFlags(): Promise<Set<string>> {
  const ofScripts = ['--against', '--count', '--markdown', '--parallel', '--scale', '--seconds', '--seed', '--short']
  return new Set([...[...(await flags).values()].flatMap((each) => [...each]), ...ofScripts, '--anew'])
}

describe('the documentation', () => {
  test('names only files and folders that exist', () => {
    expect(pages.flatMap(wrongPaths)).toEqual([])
  })

  test('links only to pages and headings that exist', () => {
    expect(pages.flatMap(wrongLinks)).toEqual([])
  })

  test('names only commands that exist, with flags that they take', async () => {
    const known = await flags
    expect(known.size).toBeGreaterThan(10)
    expect(pages.flatMap((page) => wrongCommands(page, known))).toEqual([])
  })

  test('names only flags that exist', async () => {
    const known = await knownFlags()
    // A decision also names flags of other programs that were tried.
    const checked = pages.filter((page) => !records.includes(page))
    expect(checked.flatMap((page) => wrongFlags(page, known))).toEqual([])
  })

  test('names only npm scripts that exist', async () => {
    const names = await scripts
    expect(pages.flatMap((page) => wrongScripts(page, names))).toEqual([])
  })

  test('wraps its prose at 100 characters', () => {
    expect(pages.flatMap(wideLines)).toEqual([])
  })
})

describe('each decision record', () => {
  test.each(records)('has its number, a date and a status at the top: $path', ({ path, text }) => {
    const number = path.slice('docs/decisions/'.length).slice(0, 4)
    const [title, , date, status] = text.split('\n')
    expect(title).toMatch(new RegExp(`^# ${number} \\S`, 'u'))
    expect(date).toMatch(/^- Date: \d{4}-\d{2}-\d{2}$/u)
    expect(status).toMatch(/^- Status: (?:accepted|superseded by \[\d{4}\]\(\d{4}-[\w-]+\.md\))/u)
  })

  test('is listed once in the index, with its date and status', () => {
    const rows = pages.find(({ path }) => path === 'docs/decisions/README.md')?.text.split('\n') ?? []
    for (const { path, text } of records) {
      const file = path.slice('docs/decisions/'.length)
      const found = rows.filter((row) => row.startsWith(`| [${file.slice(0, 4)}](${file})`))
      expect([file, found.length]).toEqual([file, 1])
      expect(found[0]).toContain(/^- Date: (\S+)/mu.exec(text)?.[1])
      expect(found[0]).toContain(/^- Status: (accepted|superseded by \[\d{4}\])/mu.exec(text)?.[1])
    }
  })
})

describe('the test of the documentation', () => {
  const known: Flags = new Map([
    ['run', new Set(['--json', '-v'])],
    ['', new Set(['--help'])],
  ])
  const page = (text: string): Page => ({ path: 'docs/page.md', text })

  test.each<[string, string, string[]]>([
    ['a path', 'See `src/nowhere.ts`.', ['docs/page.md:1: there is no src/nowhere.ts']],
    ['a path in a table', '| a |\n| `tests/nowhere/` |', ['docs/page.md:2: there is no tests/nowhere']],
    ['a path in a command', '```sh\nnode bench/nowhere.js\n```', ['docs/page.md:2: there is no bench/nowhere.js']],
    ['the name of a file', 'See `nowhere.ts`.', ['docs/page.md:1: there is no nowhere.ts']],
    [
      'a folder before a placeholder',
      'See `src/nowhere/<name>.ts`.',
      ['docs/page.md:1: there is no src/nowhere/<name>.ts'],
    ],
    ['no path', 'See `src/cli/commands/<name>.ts`, `README.md`, `ci/graph.yaml` and `actions/checkout`.', []],
  ])('a path that does not exist is reported: %s', (_, text, problems) => {
    expect(wrongPaths(page(text))).toEqual(problems)
  })

  test.each<[string, string, string[]]>([
    ['a page', '[a](nowhere.md)', ['docs/page.md:1: the link to nowhere.md leads nowhere']],
    ['a heading', '# One\n\n[a](#two)', ['docs/page.md:3: the link to #two leads nowhere']],
    [
      'a heading of another page',
      '[a](commands.md#nothing)',
      ['docs/page.md:1: the link to commands.md#nothing leads nowhere'],
    ],
    [
      'none',
      '# `orch run [id|branch]`: it\n\n[a](#orch-run-idbranch-it), [b](commands.md#commands), [c](https://github.com)',
      [],
    ],
  ])('a link that leads nowhere is reported: %s', (_, text, problems) => {
    expect(wrongLinks(page(text))).toEqual(problems)
  })

  test.each<[string, string, string[]]>([
    ['a command', 'Call `orch nothing`.', ['docs/page.md:1: there is no orch nothing']],
    [
      'a flag',
      '```sh\norch run --json --nothing  # --never\n```',
      ['docs/page.md:2: orch run does not take --nothing'],
    ],
    ['a flag in a console', '```console\n$ orch run -x\n```', ['docs/page.md:2: orch run does not take -x']],
    ['none', '`orch run DPTA-1 --json -v`, `orch --help`, `orch help run`, `orch <command> --any`, `orch`', []],
  ])('a command line that orch does not understand is reported: %s', (_, text, problems) => {
    expect(wrongCommands(page(text), known)).toEqual(problems)
  })

  test('a flag that no program takes is reported', () => {
    expect(wrongFlags(page('| `--json` | `--nothing <x>` |'), new Set(['--json']))).toEqual([
      'docs/page.md:1: there is no flag --nothing',
    ])
  })

  test('an npm script that does not exist is reported', () => {
    expect(wrongScripts(page('```sh\nnpm run nothing && npm run bench -- --only x\n```'), ['bench'])).toEqual([
      'docs/page.md:2: there is no npm script nothing',
    ])
  })

  test('a line of more than 100 characters is reported in prose, but not in code or a table', () => {
    const wide = 'word '.repeat(21).trim()
    expect(wideLines(page(`${wide}\n\n    ${wide}\n| ${wide} |\n\`\`\`\n${wide}\n\`\`\``))).toEqual([
      'docs/page.md:1: 104 characters, more than 100',
    ])
  })
})
