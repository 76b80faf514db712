import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startProgram } from './cli/support/built-command.js'
import type { Exit } from './cli/support/built-command.js'
import { nodeStep } from './support/flow-client-contract.js'

const root = resolve(import.meta.dirname, '..')
const run = promisify(execFile)

/** The program of the documentation, word for word. */
const program = `
const event = { id: "patch:upstream.release:openai/codex:rust-v1.2.3", type: "upstream.release", source: "patch",
                receivedAt: new Date().toISOString(), payload: { repo: "openai/codex", tag: "rust-v1.2.3" } }
const flows = createFlowClient({ mode: "local", cwd: process.cwd() })
await flows.dispatchEvent(event)
const flowEvent = await flows.getEvent(event.id)
const runs = await flows.listRuns({ eventId: event.id })
`
const report = 'console.log(flowEvent.id, runs.map((run) => run.effectiveStatus))\n'
const esm = `import { createFlowClient } from 'orch/client'\n${program}${report}`
const commonJs = `const { createFlowClient } = require('orch/client')\nvoid (async () => {${program}${report}})()\n`
const typed = `
import { createFlowClient, NotFoundError } from 'orch/client'
import type { FlowClient, FlowRunJson } from 'orch/client'
const flows: FlowClient = createFlowClient({ mode: 'http', baseUrl: 'http://127.0.0.1:1', hmacSecret: 's' })
export async function statusOf(id: string): Promise<FlowRunJson['effectiveStatus'] | null> {
  try {
    return (await flows.getRun(id, { timeoutMs: 1_000 })).effectiveStatus
  } catch (error) {
    if (error instanceof NotFoundError) return null
    throw error
  }
}
// @ts-expect-error an event has an id
void flows.dispatchEvent({ type: 't', source: 's', payload: {} })
`

const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
  version: string
  peerDependencies: Record<string, string>
}

/** npm alone takes ten seconds of a busy machine, and the demo a minute. */
const npmTimeoutMs = 300_000

let folder = ''
let tarball = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orch-package-'))
  await run(process.execPath, ['scripts/client-types.js'], { cwd: root })
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root })
  const [name = ''] = await readdir(folder)
  tarball = join(folder, name)
}, npmTimeoutMs)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Starts a program in an empty folder, with an npm that knows no package and reaches no registry. */
async function runOffline(name: string, command: string, words: readonly string[]): Promise<Exit> {
  const cwd = join(folder, name)
  await mkdir(cwd, { recursive: true })
  const env = {
    npm_config_cache: join(cwd, 'cache'),
    npm_config_registry: 'http://127.0.0.1:9/',
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  }
  await using program = startProgram(command, words, { cwd, env })
  return await program.ended
}

describe('the package', () => {
  test('is smaller than 5 MB and has no dependency', async () => {
    expect((await stat(tarball)).size).toBeLessThan(5_000_000)
    expect(manifest).not.toHaveProperty('dependencies')
    expect(manifest).not.toHaveProperty('optionalDependencies')
  })

  test('runs by npx in an empty folder without a network', { timeout: npmTimeoutMs }, async () => {
    const exit = await runOffline('npx', 'npx', ['--yes', `orch@${tarball}`, '--version'])

    expect(exit).toMatchObject({ code: 0, stdout: `${manifest.version}\n` })
  })

  test('is installed alone without a network, and its demo runs', { timeout: npmTimeoutMs }, async () => {
    expect(await runOffline('demo', 'npm', ['install', tarball])).toMatchObject({ code: 0 })
    const packages = await readdir(join(folder, 'demo/node_modules'))
    expect(packages.filter((name) => !name.startsWith('.'))).toEqual(['orch'])

    const demo = await runOffline('demo', 'node_modules/.bin/orch', ['demo'])

    expect(demo).toMatchObject({ code: 0, stderr: '' })
    expect(demo.stdout).toContain('Both pull requests are merged, together.')
  })

  test('says how to add the embedded database, which it does not contain', { timeout: npmTimeoutMs }, async () => {
    const graph = join(folder, 'orchestrator.yaml')
    await copyFile(join(root, 'orchestrator.yaml'), graph)

    const { code, stderr } = await runOffline('service', 'npx', [
      ...['--yes', `orch@${tarball}`, 'serve', '--sandbox'],
      ...['--config', graph],
    ])

    expect(code).toBe(1)
    expect(stderr).toContain('error: the embedded database is not installed')
    const [version = 'none'] = /\d+\.\d+/u.exec(manifest.peerDependencies['@electric-sql/pglite'] ?? '') ?? []
    expect(stderr).toContain(`npm install @electric-sql/pglite@${version}.`)
  })
})

const printed = "patch:upstream.release:openai/codex:rust-v1.2.3 [ 'completed' ]\n"

describe('orch/client from the package', () => {
  let project = ''
  beforeAll(async () => {
    project = join(folder, 'client')
    await mkdir(join(project, 'node_modules/orch'), { recursive: true })
    await run('tar', ['-xzf', tarball, '--strip-components=1', '-C', join(project, 'node_modules/orch')])
    await mkdir(join(project, '.orch/flows/release'), { recursive: true })
    const yaml = `name: release\non: { event: { types: [upstream.release], source: patch } }\nsteps:\n${nodeStep('console.log(1)')}`
    await writeFile(join(project, '.orch/flows/release/flow.yaml'), yaml)
  })

  test.each([
    ['an ES module', 'program.mjs', esm],
    ['a CommonJS module', 'program.cjs', commonJs],
  ])('runs the program of the documentation as %s, without any other package', async (_kind, name, text) => {
    await writeFile(join(project, name), text)
    expect((await run(process.execPath, [name], { cwd: project })).stdout).toBe(printed)
  })

  test.each([
    ['ES modules', 'typed.mts'],
    ['CommonJS', 'typed.cts'],
  ])('has types for %s', async (_kind, name) => {
    await writeFile(join(project, name), typed)
    const tsc = join(root, 'node_modules/@typescript/native/bin/tsc')
    const options = [
      '--noEmit',
      '--strict',
      '--target',
      'es2022',
      '--module',
      'nodenext',
      '--types',
      '',
      '--ignoreConfig',
    ]
    await expect(run(process.execPath, [tsc, ...options, name], { cwd: project })).resolves.toMatchObject({
      stdout: '',
    })
  })
})
