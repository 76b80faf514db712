import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/system-clock.js'
import { listen } from '../../src/service/http/listen.js'
import { apiToken, PagesWorld } from '../service/pages-world.js'
import { createLocalFlowService } from '../service/support/local-flow-service.js'
import { startCommand } from '../support/command.js'
import type { Ended } from '../support/command.js'
import { openFlowFolder } from '../support/flow-folder.js'
import type { FlowFolder } from '../support/flow-folder.js'
import { TestClock } from '../support/test-clock.js'

const root = resolve(import.meta.dirname, '../..')
const run = promisify(execFile)

/** A fenced block of the page. */
interface Block {
  language: string
  text: string
}

const blocks = [...readFileSync(join(root, 'docs/events.md'), 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gmu)].map(
  ([, language = '', text = '']): Block => ({ language, text }),
)
/** The address of the service on the page. */
const shownUrl = 'http://127.0.0.1:7345'

let folder: FlowFolder
let service: { url: string; close: () => Promise<void> }
const env: Record<string, string> = { PATH: process.env['PATH'] ?? '' }

beforeAll(async () => {
  folder = await openFlowFolder()
  await mkdir(join(folder.directory, 'node_modules'))
  await symlink(root, join(folder.directory, 'node_modules/orch'))
  service = await startService(folder.directory)
})
afterAll(async () => {
  await service.close()
  await folder[Symbol.asyncDispose]()
})

/** The service over the flows of this folder. */
async function startService(directory: string): Promise<typeof service> {
  const world = new PagesWorld()
  const app = world.app({ data: world.data({ clock: systemClock, flows: createLocalFlowService(directory) }) })
  const listening = await listen(app, { host: '127.0.0.1', port: 0 })
  if (listening.kind === 'refused') throw new Error(`nothing can listen here: ${listening.code}`)
  const { server } = listening
  return {
    url: server.url,
    close: async () => {
      app.close()
      await server.close(0)
    },
  }
}

/** The words of a command line, in which quotes are the only thing that a shell would replace. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/gu)].map(
    ([, double, single, plain]) => double ?? single ?? plain ?? '',
  )
}

async function orch(...words: string[]): Promise<Ended> {
  const fetch = (): Promise<Response> => Promise.reject(new Error('GitHub is not needed'))
  const scene = { directory: folder.directory, clock: new TestClock(Date.now()), env, fetch }
  return startCommand(
    scene,
    words.map((word) => word.replace(shownUrl, service.url)),
  ).ended
}

/** Performs one line of a block for the shell. Null: it is not a command of orch. */
async function performLine(line: string): Promise<Ended | null> {
  const [, name, value] = /^export (\w+)=(\S+)/u.exec(line) ?? []
  if (name !== undefined && value !== undefined) {
    env[name] = name === 'ORCH_API_TOKEN' ? apiToken : value.replace(shownUrl, service.url)
    return null
  }
  const [program, ...words] = wordsOf(line)
  if (program === 'orch') return orch(...words)
  await run('/bin/sh', ['-c', line], { cwd: folder.directory, env })
  return null
}

/** Performs a block. What its commands printed, each with its line. */
async function perform({ language, text }: Block): Promise<[line: string, ended: Ended][]> {
  const [, path] = /^(?:#|\/\/) ([\w./-]+)\n/u.exec(text) ?? []
  if (path !== undefined) {
    await folder.write(path, text)
    return []
  }
  if (language === 'ts') {
    const report = 'console.log(JSON.stringify(typeof runs === "undefined" ? events : [flowEvent, runs]))\n'
    await folder.write('program.mjs', text.replace(shownUrl, service.url) + report)
    const { stdout } = await run(process.execPath, ['program.mjs'], { cwd: folder.directory, env })
    return [['program', { code: 0, stdout, stderr: '', outputLines: [] }]]
  }
  // The line that names the schema is for an editor.
  if (language === 'yaml' && text.startsWith('# yaml-language-server:')) return []
  if (language !== 'sh') throw new Error(`no test performs a block of ${language}: ${text}`)
  const ended: [string, Ended][] = []
  for (const line of text.replaceAll('\\\n', '').trimEnd().split('\n')) {
    const result = await performLine(line)
    if (result) ended.push([line, result])
  }
  return ended
}

describe('docs/events.md', () => {
  test('does what it says, from its first block to its last', async () => {
    const printed = new Map<string, Ended>()
    let programs = 0
    for (const block of blocks) {
      for (const [line, ended] of await perform(block)) {
        const name = wordsOf(line).slice(0, 3).join(' ')
        const url = line.includes('v1.2.4') ? ' (service)' : ''
        printed.set(name === 'program' ? `program ${(programs += 1)}` : `${name}${url}`, ended)
        expect([line, ended.code, ended.stderr]).toEqual([line, 0, ''])
      }
    }
    const stdout = (command: string): string => printed.get(command)?.stdout ?? `${command} was not performed`
    expect(stdout('orch event send')).toMatch(/^event patch:codex:v1\.2\.3\n✔ release [0-9a-f]{20} {2}changed\n$/u)
    expect(stdout('orch event show')).toContain('"repo": "openai/codex"')
    expect(stdout('orch runs list')).toContain('release')
    expect(stdout('orch event replay')).toContain(', attempt 2  changed')
    expect(stdout('orch handoff announce')).toContain('✔ announce')
    expect(stdout('orch event send (service)')).toContain('event patch:codex:v1.2.4\n')
    expect(stdout('orch event show (service)')).toContain('"tag": "v1.2.4"')
    expect(stdout('orch runs list (service)')).toContain('release')
    const [flowEvent, runs] = JSON.parse(stdout('program 1')) as [object, object[]]
    expect(flowEvent).toMatchObject({ id: 'patch:upstream.release:openai/codex:rust-v1.2.3', unmatched: null })
    expect(runs).toMatchObject([{ flow: 'release', effectiveStatus: 'changed' }])
    expect((JSON.parse(stdout('program 2')) as { id: string }[]).map(({ id }) => id)).toContain('patch:codex:v1.2.4')
  })

  test('is true about the same event again, another event under its id, and what is handed on', async () => {
    const local = { ...env }
    delete env['ORCH_URL']
    try {
      const send = ['event', 'send', 'upstream.release', '--id', 'patch:codex:v1.2.3', '--source', 'patch', '--payload']
      const again = await orch(...send, '{ "tag": "v1.2.3", "repo": "openai/codex" }')
      expect([again.code, again.stdout]).toEqual([0, expect.stringContaining('✔ release')])
      const other = await orch(...send, '{ "tag": "v9", "repo": "openai/codex" }')
      expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('its payload differs')])
      const { items } = JSON.parse((await orch('event', 'list', '--json')).stdout) as {
        items: { type: string; source: string; payload: unknown; context: unknown }[]
      }
      const handed = items.filter(({ type }) => type === 'handoff')
      expect(handed).toMatchObject([
        { payload: 'see the notes', context: { files: [{ name: 'notes.md' }] } },
        { source: 'flow:release', payload: { tag: 'v1.2.3' } },
        { source: 'flow:release', payload: { tag: 'v1.2.3' } },
      ])
    } finally {
      Object.assign(env, local)
    }
  })
})
