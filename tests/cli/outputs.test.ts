import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createSchemaCheck } from '../report/support/schemas.js'
import type { CommandOptions, Ended } from '../support/command.js'
import { Scene } from '../support/scene.js'

/** A change in repoB and repoE, which are built one after the other, so that the order of the output is fixed. */
async function change(outcome: 'succeeded' | 'failed'): Promise<Scene> {
  const scene = await Scene.open({ buildMs: 20_000 })
  for (const name of ['repoB', 'repoE']) await scene.change(name, 'DPTA-1')
  const log = ['not ok 1 - parses dates', 'Error: 1 test failed']
  if (outcome === 'failed') scene.builds.script('acme/repoB').concludes('failure', { log })
  return scene
}

/** The text without machine-specific parts: commits, digests, and the random delimiters of GITHUB_OUTPUT. */
function withoutVariableParts(text: string): string {
  const names = new Map<string, string>()
  for (const [sha] of text.matchAll(/\b[0-9a-f]{40}\b/gu))
    if (!names.has(sha)) names.set(sha, `<sha ${names.size + 1}>`)
  let result = text.replace(/\b[0-9a-f]{64}\b/gu, '<set digest>').replace(/\borch_[0-9a-f]{32}\b/gu, '<delimiter>')
  for (const [sha, name] of names) result = result.replaceAll(sha, name).replaceAll(sha.slice(0, 7), name)
  return result
    .replace(/\bset [0-9a-f]{12}\b/gu, 'set <digest>')
    .replace(/\bset:[0-9a-f]{12}\b/gu, 'set:<digest>')
    .replace(/\bfp:[0-9a-f]{16}\b/gu, 'fp:<fingerprint>')
    .replace(/\b[0-9a-f]{7}\b(?= {2})/gu, '<short>')
}

/** The text that a terminal shows after these characters, including lines that have scrolled away. */
function screenAfter(text: string): string {
  const lines: string[] = ['']
  let row = 0
  let column = 0
  const sequence = new RegExp(
    `${String.fromCharCode(27)}\\[(\\??\\d*)([A-Za-z])|\\r|\\n|[^\\r\\n${String.fromCharCode(27)}]+`,
    'gu',
  )
  for (const [all, count = '', letter] of text.matchAll(sequence)) {
    if (all === '\r') column = 0
    else if (all === '\n') {
      row += 1
      column = 0
      lines[row] ??= ''
    } else if (letter === 'A') row = Math.max(0, row - Number(count || 1))
    else if (letter === 'K') lines[row] = (lines[row] ?? '').slice(0, column)
    else if (letter === 'J') {
      lines.length = row + 1
      lines[row] = (lines[row] ?? '').slice(0, column)
    } else if (letter === undefined) {
      const line = (lines[row] ?? '').padEnd(column)
      lines[row] = line.slice(0, column) + all + line.slice(column + all.length)
      column += all.length
    } else if (!count.startsWith('?')) throw new Error(`the screen does not know ESC [ ${count}${letter}`)
  }
  return lines.map((line) => line.trimEnd()).join('\n')
}

const golden = (name: string): string => `./outputs/${name}.txt`
const terminal = { columns: 80, rows: 24 }

describe.each([
  ['succeeded', 0],
  ['failed', 1],
] as const)('a run that %s', (outcome, exitCode) => {
  async function run(words: string, options: CommandOptions = {}): Promise<Ended> {
    await using scene = await change(outcome)
    const ended = await scene.orch(words, options)
    expect(ended.code).toBe(exitCode)
    expect(ended.stderr).toBe('')
    return ended
  }

  test('the terminal output of a run matches the recorded one', async () => {
    const { stdout } = await run('run DPTA-1', { terminal })
    await expect(withoutVariableParts(screenAfter(stdout))).toMatchFileSnapshot(golden(`${outcome}.terminal`))
  })

  test('the pipe output of a run matches the recorded one', async () => {
    await expect(withoutVariableParts((await run('run DPTA-1')).stdout)).toMatchFileSnapshot(golden(`${outcome}.pipe`))
  })

  test('the GitHub Actions output of a run matches the recorded log, summary and step outputs', async () => {
    await using scene = await change(outcome)
    const summary = join(scene.directory, 'summary')
    const output = join(scene.directory, 'output')
    const before = 'from-another-command=1\n'
    for (const file of [summary, output]) await writeFile(file, before)
    const env = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary, GITHUB_OUTPUT: output }
    const { code, stdout, stderr } = await scene.orch('run DPTA-1', { env })
    expect(code).toBe(exitCode)
    expect(stderr).toBe('')
    const files = [stdout, await readFile(summary, 'utf8'), await readFile(output, 'utf8')]
    for (const text of files.slice(1)) expect(text.startsWith(before)).toBe(true)
    const shown = ['log', 'summary', 'outputs'].map((name, index) => `===== ${name}\n${files[index] ?? ''}`).join('')
    await expect(withoutVariableParts(shown)).toMatchFileSnapshot(golden(`${outcome}.actions`))
  })

  test('the JSON output of a run matches the recorded one, and each line matches its schema', async () => {
    const { stdout } = await run('run DPTA-1 --json')
    const check = createSchemaCheck('run-events')
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .flatMap((line) => check(JSON.parse(line))),
    ).toEqual([])
    await expect(withoutVariableParts(stdout)).toMatchFileSnapshot(golden(`${outcome}.json`))
  })

  test('the JSON output of a run is the same everywhere: --json takes precedence over a terminal and GitHub Actions', async () => {
    const { stdout } = await run('run DPTA-1 --json')
    expect((await run('run DPTA-1 --json', { terminal })).stdout).toBe(stdout)
    expect((await run('run DPTA-1 --json', { env: { GITHUB_ACTIONS: 'true', GITHUB_OUTPUT: '' } })).stdout).toBe(stdout)
  })
})

describe('choice of the output format', () => {
  test('a dumb terminal gets plain lines', async () => {
    await using scene = await change('succeeded')
    const { stdout } = await scene.orch('run DPTA-1', { terminal, env: { TERM: 'dumb', NO_COLOR: '' } })
    expect(stdout).not.toContain(String.fromCharCode(27))
    expect(stdout).toMatch(/^2026-11-21T09:00:00Z DPTA-1 {2}started/u)
  })

  test('a terminal shows each job with its state, time and link during a build', async () => {
    await using scene = await change('succeeded')
    scene.builds.script('acme/repoE').holds()
    const running = scene.start('run DPTA-1', { terminal })
    await scene.untilBuilding('repoE')
    await scene.clock.advance(100_000)
    const shown = screenAfter(running.stdout())
    expect(shown).toMatch(/^✔ repoB {2}succeeded +\d+s {2}127\.0\.0\.1:9\/acme\/repoB\/actions\/runs\/\d+$/mu)
    expect(shown).toMatch(/^● repoE {2}running +1m \d\ds {2}127\.0\.0\.1:9\/acme\/repoE\/actions\/runs\/\d+$/mu)
    expect(shown).toMatch(/^5 jobs: 1 succeeded, 1 active, 3 skipped {2}2m \d\ds$/mu)
    scene.builds.script('acme/repoE').release('success')
    expect((await scene.clock.until(running.ended)).code).toBe(0)
  })

  test('a terminal shows colors unless NO_COLOR is set, a pipe only with FORCE_COLOR', async () => {
    await using scene = await change('succeeded')
    const red = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'u')
    const plan = async (options: CommandOptions): Promise<string> => (await scene.orch('plan DPTA-1', options)).stdout
    expect(await plan({ terminal, env: { NO_COLOR: '' } })).toMatch(red)
    expect(await plan({ terminal, env: { NO_COLOR: '1', FORCE_COLOR: '1' } })).not.toMatch(red)
    expect(await plan({ env: { NO_COLOR: '' } })).not.toMatch(red)
    expect(await plan({ env: { NO_COLOR: '', FORCE_COLOR: '1' } })).toMatch(red)
  })

  test('a locale without UTF-8 gets only ASCII output', async () => {
    await using scene = await change('succeeded')
    const ascii = /^[\n\r -~]*$/u
    const narrow = { columns: 40, rows: 24 }
    const plan = async (options: CommandOptions): Promise<string> => (await scene.orch('plan DPTA-1', options)).stdout
    expect(await plan({ terminal: narrow, env: { LANG: 'C', TERM: 'xterm' } })).toMatch(ascii)
    expect(await plan({ env: { LANG: 'en_US.UTF-8', LC_ALL: 'POSIX' } })).toMatch(ascii)
    expect(await plan({ env: { LANG: 'en_US.UTF-8' } })).not.toMatch(ascii)
    const { stdout } = await scene.orch('run DPTA-1', { terminal: narrow, env: { LANG: 'C', TERM: 'xterm' } })
    expect(screenAfter(stdout)).toMatch(ascii)
  })
})

describe('plan, status and invalidate', () => {
  const commands = [
    ['plan', 'plan DPTA-1'],
    ['status', 'status DPTA-1'],
    ['invalidate', 'invalidate DPTA-1 --reason library'],
    ['invalidate', 'invalidate DPTA-1 --dry-run'],
  ] as const

  test.each(commands)('the text output (%s) matches the recorded one: orch %s', async (_schema, words) => {
    await using scene = await change('succeeded')
    await scene.orch('run DPTA-1')
    const { code, stdout, stderr } = await scene.orch(words)
    expect(code).toBe(0)
    expect(stderr).toBe('')
    await expect(withoutVariableParts(stdout)).toMatchFileSnapshot(golden(words.replaceAll(' ', '-')))
  })

  test.each([...commands, ['plan', 'run DPTA-1 --dry-run'] as const])(
    'the JSON output is one document that matches the schema %s: orch %s --json',
    async (schema, words) => {
      await using scene = await change('succeeded')
      const { stdout, stderr } = await scene.orch(`${words} --json`)
      const document: unknown = JSON.parse(stdout)
      expect(createSchemaCheck(schema)(document)).toEqual([])
      expect(document).toMatchObject({ version: 2, branch: 'DPTA-1' })
      expect(stdout.endsWith('}\n')).toBe(true)
      expect(stderr).toBe('')
    },
  )

  test.each(commands)(
    'the JSON output matches the schema %s if a repository cannot be read: orch %s --json',
    async (schema, words) => {
      await using scene = await change('succeeded')
      scene.sandbox.faults.add({ action: { kind: 'graphql-partial', repository: 'acme/repoC', type: 'NOT_FOUND' } })
      scene.sandbox.faults.add({ path: /\/repos\/acme\/repoC\b/u, action: { kind: 'respond', status: 404 } })
      const { code, stdout, stderr } = await scene.orch(`${words} --json`)
      expect(code).toBe(1)
      if (schema === 'plan') {
        expect(stdout).toBe('')
        expect(stderr).toContain('acme/repoC')
      } else {
        expect(createSchemaCheck(schema)(JSON.parse(stdout))).toEqual([])
        expect(stdout).toContain('acme/repoC')
        expect(stderr).toBe('')
      }
    },
  )
})
