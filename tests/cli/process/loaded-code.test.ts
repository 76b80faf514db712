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
const latePackages = ['listr2', 'hono', 'undici', 'graphql']
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

/** The exit code of a command, and the packages and sources whose code it loaded. */
interface Loaded {
  code: number | null
  packages: Set<string>
  sources: string[]
}

/** The packages that no command loads before it needs them, but this one did. */
function earlyPackages({ packages }: Loaded): string[] {
  return latePackages.filter((name) => packages.has(name))
}

/** Runs the built command in a folder with a graph file. */
async function loadedBy(args: readonly string[], graph?: string): Promise<Loaded> {
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
      expect.arrayContaining([...latePackages, '@octokit/rest', 'yaml', 'commander', 'get-east-asian-width']),
    )
    expect([...bundled]).toEqual(expect.arrayContaining(late))
  })

  test.each([['--version'], ['-V']])('orch %s loads no package', async (flag) => {
    expect(await loadedBy([flag])).toMatchObject({ code: 0, packages: new Set(['src']) })
  })

  test.each([
    [['--help'], 0],
    [['run', '--help'], 0],
    [['completion', 'bash'], 0],
    [['bogus'], 2],
    [['run', '--bogus'], 2],
    [['run', '--config', 'absent.yaml'], 2],
  ])('orch %j ends with %i and loads no live display, server, proxy or GraphQL schema', async (args, code) => {
    const loaded = await loadedBy(args)
    expect(loaded.code).toBe(code)
    expect(earlyPackages(loaded)).toEqual([])
  })

  test.each([['run'], ['plan'], ['status'], ['invalidate'], ['completion', '--words', 'jobs']])(
    'orch %s with a mistake in the graph file loads what underlines the mistake, and no live display, server, proxy or GraphQL schema',
    async (...args) => {
      const loaded = await loadedBy(args, 'version: 1\njobs:\n  repoA: { nedes: repoB }\n')
      expect(loaded.code).toBe(2)
      expect(loaded.packages).toContain('get-east-asian-width')
      expect(earlyPackages(loaded)).toEqual([])
    },
  )

  test.each([['run'], ['plan']])(
    'orch %s without a proxy loads no live display, proxy, embedded GitHub, GraphQL schema or engine before GitHub answers',
    async (command) => {
      const loaded = await loadedBy([command, 'DPTA-1'])
      expect(loaded.packages).toContain('@octokit/rest')
      expect(earlyPackages(loaded)).toEqual([])
      expect(loaded.sources.filter((source) => late.includes(source))).toEqual([])
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
