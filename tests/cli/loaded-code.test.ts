import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compileFunction } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { runBuilt } from './support/built-command.js'
import { WorkFolder } from './support/work-folder.js'

interface Piece {
  bytes: number
  /** The sources that it is made of. */
  inputs: string[]
}

/** Bundled with the engine, and so small (0.8 kB) that loading it costs nothing: it counts as a source of ours. */
const tiny = 'tinyqueue'

const dist = fileURLToPath(new URL('../../dist/', import.meta.url))
const pieces = JSON.parse(readFileSync(join(dist, 'meta.json'), 'utf8')) as Record<string, Piece>
const packages = Object.values(pieces).flatMap(({ inputs }) => inputs.map(packageOf))

/** The package that a source belongs to; `src`: none. */
function packageOf(input: string): string {
  const name = /^node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(input)?.[1] ?? 'src'
  return name === tiny ? 'src' : name
}

/** Runs the built command in a folder with the example graph; tells its exit code, and the packages and sources whose code it loaded. */
async function loadedBy(
  words: readonly string[],
  graph?: string,
): Promise<{ code: number | null; loaded: Set<string>; sources: string[] }> {
  await using folder = await WorkFolder.open(graph)
  const listing = join(folder.path, 'loaded.json')
  const spy = join(folder.path, 'spy.cjs')
  const names = `Object.keys(require.cache).map((path) => require('node:path').basename(path))`
  await writeFile(
    spy,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(listing)}, JSON.stringify(${names})))`,
  )
  const { code } = await runBuilt(words, { cwd: folder.path, env: { NODE_OPTIONS: `--require ${spy}` } })
  const files = JSON.parse(readFileSync(listing, 'utf8')) as string[]
  const sources = files.flatMap((file) => pieces[file]?.inputs ?? [])
  return { code, loaded: new Set(sources.map(packageOf)), sources }
}

const endpoints = 'node_modules/@octokit/plugin-rest-endpoint-methods/dist-src/generated/endpoints.js'
const dear = ['@octokit/rest', '@octokit/core', '@octokit/plugin-throttling', 'listr2', 'hono', 'undici', 'graphql']

describe('a command loads no package that it does not use', () => {
  test('the bundle has the dear ones, so that the tests below look for what is there', () => {
    expect(packages).toEqual(expect.arrayContaining(['@octokit/rest', 'listr2', 'hono', 'undici', 'yaml', 'commander']))
  })

  test.each([
    [['--version'], 0, ['src']],
    [['-V'], 0, ['src']],
    [['--help'], 0, ['src', 'commander']],
    [['run', '--help'], 0, ['src', 'commander']],
    [['completion', 'bash'], 0, ['src', 'commander']],
    [['bogus'], 2, ['src', 'commander']],
    [['run', '--bogus'], 2, ['src', 'commander']],
    [['run', '--config', 'absent.yaml'], 2, ['src', 'commander']],
  ])('orch %j', async (words, code, expected) => {
    expect(await loadedBy(words)).toMatchObject({ code, loaded: new Set(expected) })
  })

  test.each([['run'], ['plan'], ['status'], ['invalidate'], ['completion', '--words', 'jobs']])(
    'orch %s with a mistake in the graph file reads YAML and nothing else',
    async (...words) => {
      const { code, loaded } = await loadedBy(words, 'version: 1\njobs:\n  repoA: { nedes: repoB }\n')
      expect(code).toBe(2)
      expect(loaded).toEqual(new Set(['src', 'commander', 'yaml']))
    },
  )

  test('what goes on to GitHub, without a proxy, loads no live display, no proxy and no embedded GitHub', async () => {
    const { loaded } = await loadedBy(['plan', 'DPTA-1'])
    expect(loaded).toContain('@octokit/rest')
    expect([...loaded].filter((name) => dear.slice(3).includes(name))).toEqual([])
  })

  test.each([['run'], ['plan']])('orch %s loads what its plan needs only when there is one', async (word) => {
    const { sources } = await loadedBy([word, 'DPTA-1'])
    const late = ['src/engine/build/drive.ts', 'src/cli/other-commands.ts', endpoints]
    expect(Object.values(pieces).flatMap(({ inputs }) => inputs)).toEqual(expect.arrayContaining(late))
    expect(sources.filter((source) => late.includes(source))).toEqual([])
  })
})

test('the endpoint methods of Octokit that are loaded at their first use are the real ones', async () => {
  const { endpointMethodsSource, lazyMethods } = (await import(
    new URL('../../scripts/lazy-modules.js', import.meta.url).href
  )) as {
    endpointMethodsSource: string
    lazyMethods: () => Promise<string>
  }
  type Make = (octokit: object) => Record<string, Record<string, () => unknown>>
  const real = (await import(endpointMethodsSource)) as { endpointsToMethods: Make }
  const code = (await lazyMethods()).replace('export function', 'return function')
  const lazy = (compileFunction(code, ['require']) as (load: () => unknown) => Make)(() => real)
  const octokit = { request: { defaults: (defaults: unknown) => () => defaults } }
  const [expected, made] = [real.endpointsToMethods(octokit), lazy(octokit)]
  expect(Object.keys(made)).toEqual(Object.keys(expected))
  for (const scope of Object.keys(expected))
    expect(Object.keys(made[scope] ?? {})).toEqual(Object.keys(expected[scope] ?? {}))
  expect(made['repos']?.['get']?.()).toEqual({ method: 'GET', url: '/repos/{owner}/{repo}' })
})

describe('--version is answered before the command line is read', () => {
  const { version } = JSON.parse(readFileSync(join(dist, '../package.json'), 'utf8')) as { version: string }

  test.each([['--version'], ['-V'], ['--version', 'run'], ['--version', '--bogus'], ['-V', '--help']])(
    'orch %s %s',
    async (...words) => {
      await using folder = await WorkFolder.open()
      const answer = await runBuilt(words, { cwd: folder.path })
      expect(answer).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' })
    },
  )
})
