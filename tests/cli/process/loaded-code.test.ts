import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { runBuilt } from '../support/built-command.js'
import { WorkFolder } from '../support/work-folder.js'

/** The outputs in esbuild's metafile, by their paths in the repository. */
interface Metafile {
  outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>
}

const root = fileURLToPath(new URL('../../../', import.meta.url))
const { outputs } = JSON.parse(readFileSync(join(root, 'dist/meta.json'), 'utf8')) as Metafile
/** Sources of orch that a command loads only when it needs them. */
const late = ['src/engine/build/drive.ts', 'src/cli/other-commands.ts', 'src/sandbox/http/api.ts']
const bundled = new Set(Object.keys(outputs).flatMap(sourcesOf))

/** The sources whose code a file of the bundle contains. */
function sourcesOf(file: string): string[] {
  const inputs = Object.entries(outputs[file]?.inputs ?? {})
  return inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([source]) => source)
}

/** This package is bundled with the engine and small (0.8 kB), so that it counts as a source of orch. */
const tiny = 'tinyqueue'

/** The package that a source belongs to; `src` for a source of orch. */
function packageOf(source: string): string {
  const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(source)?.[1] ?? 'src'
  return name === tiny ? 'src' : name
}

/** Runs the built command in a folder with a graph file; returns its exit code, and the packages and sources whose code it loaded. */
async function loadedBy(
  args: readonly string[],
  graph?: string,
): Promise<{ code: number | null; packages: Set<string>; sources: string[] }> {
  await using folder = await WorkFolder.open(graph)
  const [log, hooks, spy] = ['loaded.txt', 'hooks.mjs', 'spy.mjs'].map((name) => join(folder.path, name)) as [
    string,
    string,
    string,
  ]
  await writeFile(
    hooks,
    `import { appendFileSync } from 'node:fs'
     export async function load(url, context, next) {
       appendFileSync(${JSON.stringify(log)}, url + '\\n')
       return next(url, context)
     }`,
  )
  await writeFile(spy, `import { register } from 'node:module'; register('./hooks.mjs', import.meta.url)`)
  // The hooks see imported modules, but not required ones.
  const options = `--import ${spy} --no-experimental-require-module`
  const { code } = await runBuilt(args, { cwd: folder.path, env: { NODE_OPTIONS: options } })
  const urls = readFileSync(log, 'utf8').split('\n')
  const files = urls.filter((url) => url.startsWith('file:')).map((url) => relative(root, fileURLToPath(url)))
  const sources = files.flatMap(sourcesOf)
  return { code, packages: new Set(sources.map(packageOf)), sources }
}

describe('code that a command loads', () => {
  test('the bundle contains the large packages and late modules that the tests below search for', () => {
    const packages = [...bundled].map(packageOf)
    expect(packages).toEqual(
      expect.arrayContaining(['@octokit/rest', 'listr2', 'hono', 'undici', 'graphql', 'yaml', 'croner', 'commander']),
    )
    expect([...bundled]).toEqual(expect.arrayContaining(late))
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
  ])('orch %j ends with %i and loads only %j', async (args, code, expected) => {
    expect(await loadedBy(args)).toMatchObject({ code, packages: new Set(expected) })
  })

  test.each([['run'], ['plan'], ['status'], ['invalidate'], ['completion', '--words', 'jobs']])(
    'orch %s with a mistake in the graph file loads only what reads YAML and underlines the mistake',
    async (...args) => {
      const { code, packages } = await loadedBy(args, 'version: 1\njobs:\n  repoA: { nedes: repoB }\n')
      expect(code).toBe(2)
      expect(packages).toEqual(new Set(['src', 'commander', 'croner', 'yaml', 'get-east-asian-width']))
    },
  )

  test.each([['run'], ['plan']])(
    'orch %s without a proxy loads no live display, proxy, embedded GitHub, GraphQL schema or engine before GitHub answers',
    async (command) => {
      const { packages, sources } = await loadedBy([command, 'DPTA-1'])
      expect(packages).toContain('@octokit/rest')
      expect([...packages].filter((name) => ['listr2', 'hono', 'undici', 'graphql'].includes(name))).toEqual([])
      expect(sources.filter((source) => late.includes(source))).toEqual([])
    },
  )
})

describe('--version', () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

  test.each([['--version'], ['-V'], ['--version', 'run'], ['--version', '--bogus'], ['-V', '--help']])(
    'the version is printed before the command line is parsed: orch %s %s',
    async (...args) => {
      await using folder = await WorkFolder.open()
      const answer = await runBuilt(args, { cwd: folder.path })
      expect(answer).toEqual({ code: 0, signal: null, stdout: `${version}\n`, stderr: '' })
    },
  )
})
