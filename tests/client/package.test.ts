import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeStep } from '../support/flow-client-contract.js'

const root = resolve(import.meta.dirname, '../..')
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

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'orch-package-'))
  await run(process.execPath, ['scripts/client-types.js'], { cwd: root })
  await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root })
  const [tarball = ''] = await readdir(folder)
  await mkdir(join(folder, 'node_modules/orch'), { recursive: true })
  const unpack = ['-xzf', join(folder, tarball), '--strip-components=1', '-C', join(folder, 'node_modules/orch')]
  await run('tar', unpack)
  await mkdir(join(folder, '.orch/flows/release'), { recursive: true })
  const yaml = `name: release\non: { event: { types: [upstream.release], source: patch } }\nsteps:\n${nodeStep('console.log(1)')}`
  await writeFile(join(folder, '.orch/flows/release/flow.yaml'), yaml)
}, 300_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

const printed = "patch:upstream.release:openai/codex:rust-v1.2.3 [ 'completed' ]\n"

describe('the package', () => {
  test.each([
    ['an ES module', 'program.mjs', esm],
    ['a CommonJS module', 'program.cjs', commonJs],
  ])('runs the program of the documentation as %s, without any other package', async (_kind, name, text) => {
    await writeFile(join(folder, name), text)
    expect((await run(process.execPath, [name], { cwd: folder })).stdout).toBe(printed)
  })

  test.each([
    ['ES modules', 'typed.mts'],
    ['CommonJS', 'typed.cts'],
  ])('has types for %s', async (_kind, name) => {
    await writeFile(join(folder, name), typed)
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
    await expect(run(process.execPath, [tsc, ...options, name], { cwd: folder })).resolves.toMatchObject({ stdout: '' })
  })
})
