import { createHmac } from 'node:crypto'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFlowClient } from '../../../src/client/index.js'
import type { FlowClient, FlowRunJson } from '../../../src/client/index.js'
import { runBuilt } from '../../cli/support/built-command.js'
import type { Exit } from '../../cli/support/built-command.js'
import { nodeStep } from '../../support/flow-client-contract.js'
import { apiToken, hmacSecret, patienceMs, ServiceRoom } from '../support/service-command.js'
import type { ServiceCommand } from '../support/service-command.js'

const timeout = 2 * patienceMs

const on = (type: string): string => `{ event: { types: [${type}] } }`
const print = (text: string): string => nodeStep(`console.log(${JSON.stringify(text)})`)

/** The text of each `flow.yaml` below the folder of the service. */
const files: Record<string, string> = {
  '.orch/flows/release': `name: release\non: ${on('release')}\nsteps:\n${nodeStep('console.log(process.env.ORCH_REPLAY)')}`,
  'flows/release': `name: release\non: ${on('release')}\nsteps:\n${print('never')}`,
  '.orch/flows/announce': `name: announce\non: { dispatch: true }\nsteps:\n${print('announced')}`,
  '.orch/flows/forever': `name: forever\non: ${on('forever')}\nsteps:\n${nodeStep('console.log("up"); setInterval(() => {}, 1000)')}`,
  '.orch/flows/one': 'name: one\non: { dispatch: true }\nsteps:\n  - handoff: two\n',
  '.orch/flows/two': 'name: two\non: { dispatch: true }\nsteps:\n  - handoff: one\n',
  '.orch/flows/loud': `name: loud\non: ${on('loud')}\nsteps:\n${nodeStep(`
    const part = 'x'.repeat(1024 * 1024)
    const write = (left) => left === 0 ? console.log('\\nORCH_RESULT {"status":"changed"}') : process.stdout.write(part, () => write(left - 1))
    write(200)`)}`,
  '.orch/flows/stubborn': `name: stubborn\non: ${on('stubborn')}\nsteps:\n${nodeStep(
    "process.on('SIGTERM', () => console.log('no')); setInterval(() => {}, 1000)",
    '    timeout-minutes: 0.02\n',
  )}`,
  '.orch/flows/linking': `name: linking\non: ${on('linking')}\nsteps:\n${nodeStep(`
    const { rmSync, symlinkSync } = require('node:fs'), folder = process.env.ORCH_CONTEXT_DIR
    rmSync(folder, { recursive: true })
    symlinkSync(process.cwd(), folder)`)}${nodeStep("console.log(require('node:fs').readdirSync(process.env.ORCH_CONTEXT_DIR).join())")}`,
}

let room: ServiceRoom
let service: ServiceCommand
let url: string
let client: FlowClient

beforeAll(async () => {
  room = await ServiceRoom.open(null)
  for (const [folder, text] of Object.entries(files)) await writeFlow(folder, text)
  service = room.serve()
  url = await service.url()
  client = createFlowClient({ mode: 'http', baseUrl: url, hmacSecret })
}, timeout)
afterAll(() => room[Symbol.asyncDispose](), timeout)

async function writeFlow(folder: string, text: string): Promise<void> {
  const file = join(room.folder.path, folder, 'flow.yaml')
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, text)
}

interface Answer {
  status: number
  type: string | null
  body: Record<string, unknown>
}

async function ask(method: string, path: string, body?: string | object, headers?: object): Promise<Answer> {
  const login = headers ?? { authorization: `Bearer ${apiToken}` }
  const text = typeof body === 'object' ? JSON.stringify(body) : body
  const init = { method, headers: { ...login }, ...(text === undefined ? {} : { body: text }) }
  const response = await fetch(`${url}${path}`, init)
  const type = response.headers.get('content-type')
  return { status: response.status, type, body: (await response.json()) as Record<string, unknown> }
}

/** Expects an error as RFC 9457 describes it. */
function problem(answer: Answer, status: number): Record<string, unknown> {
  expect(answer).toMatchObject({ status, type: 'application/problem+json', body: { status } })
  return answer.body
}

const event = (id: string, fields: object = {}): object => ({
  id,
  type: 'release',
  source: 'test',
  payload: 1,
  ...fields,
})

async function ended(id: string): Promise<FlowRunJson> {
  let last: FlowRunJson | null = null
  for await (const run of client.watchRun(id, { timeoutMs: patienceMs })) last = run
  if (!last) throw new Error('the run was not shown')
  return last
}

/** The run that an event starts, once it has ended. */
async function runOf(id: string, type: string, fields: object = {}): Promise<FlowRunJson> {
  const { runs } = (await ask('POST', '/events', event(id, { type, ...fields }))).body as { runs: FlowRunJson[] }
  expect(runs).toHaveLength(1)
  return ended(runs[0]?.id ?? '')
}

async function count(): Promise<number> {
  const ids: string[] = []
  for await (const { id } of client.events()) ids.push(id)
  return ids.length
}

describe('the contract of events, as the built service keeps it', () => {
  test(
    'an event is 202 with its runs, 200 when it is known, and 409 with the field that differs',
    async () => {
      const first = await ask('POST', '/events', event('known', { receivedAt: '2026-01-01T00:00:00.000Z' }))
      expect(first).toMatchObject({ status: 202, body: { event: { id: 'known' }, runs: [{ flow: 'release' }] } })
      const again = await ask('POST', '/events', event('known', { receivedAt: '2026-02-02T00:00:00.000Z' }))
      expect(again).toMatchObject({ status: 200, body: { event: { receivedAt: '2026-01-01T00:00:00.000Z' } } })
      const context = { files: [{ name: 'a', content: '' }] }
      for (const [field, value] of Object.entries({ type: 'x', source: 'x', payload: 2, context }))
        expect(problem(await ask('POST', '/events', event('known', { [field]: value })), 409)).toMatchObject({ field })
      expect(await ask('GET', '/events/known')).toMatchObject({ status: 200, body: { id: 'known', payload: 1 } })
      for (const path of ['/events', '/runs', '/events?limit=1&cursor=1'])
        expect(Object.keys((await ask('GET', path)).body)).toEqual(['items', 'nextCursor'])
    },
    timeout,
  )

  test(
    'a run has the fields that others rely on, a replay is one more attempt, and an ended run is not cancelled',
    async () => {
      const run = await runOf('replayed', 'release')
      const fields = [
        ...['id', 'eventId', 'flow', 'attempt', 'status', 'result', 'effectiveStatus', 'needsAttention', 'attention'],
        ...['attempts', 'output', 'createdAt', 'startedAt', 'endedAt'],
      ]
      expect(Object.keys(run)).toEqual(expect.arrayContaining(fields))
      const ofAttempt = ['id', 'number', 'status', 'startedAt', 'endedAt', 'output', 'result']
      expect(Object.keys(run.attempts[0] ?? {})).toEqual(expect.arrayContaining(ofAttempt))
      expect(run).toMatchObject({ result: null, effectiveStatus: 'completed', needsAttention: false, attention: null })
      expect(run.output).toEqual({ stdout: 'undefined\n', stderr: '', truncated: false })
      expect(await ask('POST', '/events/replayed/replay')).toMatchObject({
        status: 202,
        body: { runs: [{ id: run.id }] },
      })
      const replayed = await ended(run.id)
      expect(replayed.attempts.map(({ output }) => output.stdout)).toEqual(['undefined\n', '1\n'])
      problem(await ask('POST', `/runs/${run.id}/cancel`), 409)
      problem(await ask('POST', '/runs/nothing/cancel'), 404)

      const { runs } = (await ask('POST', '/events', event('cancelled', { type: 'forever' }))).body as {
        runs: FlowRunJson[]
      }
      const id = runs[0]?.id ?? ''
      expect(await ask('POST', `/runs/${id}/cancel`)).toMatchObject({ status: 202, body: { id } })
      expect(await ended(id)).toMatchObject({
        status: 'cancelled',
        effectiveStatus: 'cancelled',
        needsAttention: false,
      })
    },
    timeout,
  )

  test(
    'a changed flow counts without a restart, an invalid one keeps its last valid version, and a replay matches what started nothing',
    async () => {
      expect(await ask('POST', '/events', event('later', { type: 'later' }))).toMatchObject({ body: { runs: [] } })
      await writeFlow('.orch/flows/later', `name: later\non: ${on('later')}\nsteps:\n${print('first')}`)
      const { runs } = (await ask('POST', '/events/later/replay')).body as { runs: FlowRunJson[] }
      expect((await ended(runs[0]?.id ?? '')).output.stdout).toBe('first\n')
      await writeFlow('.orch/flows/later', `name: later\non: ${on('later')}\nsteps:\n${print('second')}`)
      expect((await runOf('later2', 'later')).output.stdout).toBe('second\n')
      await writeFlow('.orch/flows/later', 'name: later\nsteps: {}\n')
      expect((await runOf('later3', 'later')).output.stdout).toBe('second\n')
      const { items } = (await ask('GET', '/flows')).body as { items: { name: string; problems: string[] }[] }
      expect(items.find(({ name }) => name === 'later')?.problems[0]).toContain('line 1')
    },
    timeout,
  )

  test(
    'work is handed to a flow once for each id, and to none that is unknown, disabled or without dispatch',
    async () => {
      const before = await count()
      expect(problem(await ask('POST', '/flows/anounce/handoff', {}), 404)['detail']).toContain('Did you mean announce')
      problem(await ask('POST', '/flows/release/handoff', {}), 409)
      await ask('POST', '/flows/announce/disable')
      problem(await ask('POST', '/flows/announce/handoff', {}), 409)
      await ask('POST', '/flows/announce/enable')
      expect(await count()).toBe(before)
      expect(await ask('POST', '/flows/announce/handoff', { id: 'handed', payload: 1 })).toMatchObject({ status: 202 })
      expect(await ask('POST', '/flows/announce/handoff', { id: 'handed', payload: 1 })).toMatchObject({ status: 200 })
      problem(await ask('POST', '/flows/announce/handoff', { id: 'handed', payload: 2 }), 409)
    },
    timeout,
  )

  test('a signature is that of the documentation, is used once except for events, and is refused for anything else', async () => {
    const sign = (method: string, path: string, body: string, at = Math.floor(Date.now() / 1000)): object => {
      const text = `${at}.${method}.${path}.${body}`
      const signature = `sha256=${createHmac('sha256', hmacSecret).update(text).digest('hex')}`
      return { 'x-orch-timestamp': String(at), 'x-orch-signature-256': signature }
    }
    const body = JSON.stringify(event('signed'))
    const headers = sign('POST', '/events', body)
    expect((await ask('POST', '/events', body, headers)).status).toBe(202)
    expect((await ask('POST', '/events', body, headers)).status).toBe(200)
    problem(await ask('POST', '/events', body.replace('1', '2'), headers), 401)
    problem(await ask('POST', '/events?x', body, headers), 401)
    problem(await ask('POST', '/events', body, sign('POST', '/events', body, 1)), 401)
    problem(await ask('POST', '/events', body, {}), 401)
    const path = '/flows/announce/enable'
    const once = sign('POST', path, '')
    expect((await ask('POST', path, undefined, once)).status).toBe(200)
    expect(problem(await ask('POST', path, undefined, once), 401)).toMatchObject({ code: 'signature-used' })
    problem(await ask('GET', '/workloads', undefined, sign('GET', '/workloads', '')), 401)
  })

  test('flows in a cycle are named and not started, and the second flow of a name is shown as shadowed', async () => {
    const { items } = (await ask('GET', '/flows')).body as {
      items: { file: string; state: string; problems: string[] }[]
    }
    const find = (file: string) => items.find((each) => each.file === `${file}/flow.yaml`)
    expect(find('.orch/flows/one')?.problems).toEqual(['flows hand on to each other in a cycle: one -> two -> one'])
    expect(find('flows/release')).toMatchObject({ state: 'shadowed' })
    problem(await ask('POST', '/flows/one/handoff', {}), 404)
  })
})

describe('bad input to the built service', () => {
  const file = (name: string, content = ''): object => ({ context: { files: [{ name, content }] } })
  const named: [name: string, status: number, field: string, body: object][] = [
    ['a missing field', 400, 'source', { id: 'bad', type: 't', payload: 1 }],
    ['an unknown field', 400, 'more', event('bad', { more: 1 })],
    ['an id of 256 characters', 400, 'id', event('x'.repeat(256))],
    ['a payload over 1 MiB', 413, 'payload', event('bad', { payload: 'x'.repeat(1024 * 1024) })],
    ['a leap second', 400, 'receivedAt', event('bad', { receivedAt: '2016-12-31T23:59:60Z' })],
    ['a context file of half a character', 400, 'context.files[0].content', event('bad', file('a', '\ud800'))],
    ['a context file that is binary', 400, 'context.files[0].content', event('bad', file('a', '\0'))],
    ...['../x', 'a/b', 'C:x', 'a\0b', 'NUL', '..', ''].map((name): [string, number, string, object] => [
      `the name ${JSON.stringify(name)} of a context file`,
      400,
      'context.files[0].name',
      event('bad', file(name)),
    ]),
  ]

  test.each(named)('%s is %i with the field %s, and nothing is kept', async (_what, status, field, body) => {
    expect(problem(await ask('POST', '/events', body), status)).toMatchObject({ field })
    problem(await ask('GET', '/events/bad'), 404)
  })

  test.each([
    ['{\n "id": }', 'line 2, column 8'],
    ['['.repeat(1_000_000), 'nested too deep'],
  ])('text that is not JSON is 400 with the place', async (body, why) => {
    expect(problem(await ask('POST', '/events', body), 400)['detail']).toContain(why)
  })

  test('a payload that nothing could write again is 400', async () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const body = `{"id":"bad","type":"t","source":"s","payload":${nested}}`
    expect(problem(await ask('POST', '/events', body), 400)).toMatchObject({ field: 'payload' })
  })

  test(
    'a step that prints 200 MB completes with the beginning and the end of its output',
    async () => {
      const { output, ...run } = await runOf('loud', 'loud')
      expect(run).toMatchObject({ status: 'completed', effectiveStatus: 'changed' })
      expect(output.truncated).toBe(true)
      expect(output.stdout.length).toBeLessThan(1024 * 1024)
      expect(output.stdout).toMatch(/^x+\n\[[\d,]+ characters were cut here\]\nx+\nORCH_RESULT/u)
    },
    timeout,
  )

  test(
    'a step that ignores SIGTERM is ended after its time',
    async () => {
      const run = await runOf('stubborn', 'stubborn')
      expect(run).toMatchObject({ status: 'failed', attention: 'it took longer than its timeout-minutes (0.02)' })
    },
    timeout,
  )

  test(
    'a link in the place of trigger-context is not followed',
    async () => {
      const context = { files: [{ name: 'notes.md', content: 'N' }] }
      const run = await runOf('linking', 'linking', { context })
      expect(run).toMatchObject({ status: 'completed', output: { stdout: 'notes.md\n' } })
    },
    timeout,
  )
})

describe('the commands against the built service', () => {
  const orch = (words: readonly string[], env: Record<string, string> = {}): Promise<Exit> =>
    runBuilt(words, { cwd: room.folder.path, env: { ORCH_URL: url, ORCH_HMAC_SECRET: hmacSecret, ...env } })
  const send = ['event', 'send', 'release', '--id', 'command', '--source', 'test', '--payload', '1']

  test(
    'end with 0, 1 for what the service refuses, and 2 for what is not valid, and then nothing is kept',
    async () => {
      expect((await orch(send)).code).toBe(0)
      expect((await orch(send, { ORCH_HMAC_SECRET: '', ORCH_API_TOKEN: apiToken })).code).toBe(0)
      const other = await orch([...send.slice(0, -1), '2'])
      expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('its payload differs')])
      const before = await count()
      await writeFile(join(room.folder.path, 'large.json'), `"${'x'.repeat(1024 * 1024)}"`)
      await writeFile(join(room.folder.path, 'notes.md'), 'N')
      await symlink('notes.md', join(room.folder.path, 'link.md'))
      const large = [...send.slice(0, 4), 'large', ...send.slice(5, -1), '@large.json']
      for (const [words, code] of [
        [large, 2],
        [['handoff', 'announce', '--context-file', '../x=notes.md'], 2],
        [['handoff', 'announce', '--context-file', 'a.md=link.md'], 2],
        [['handoff', 'anounce'], 1],
        [['handoff', 'release'], 1],
        [['handoff', 'announce', '--url', 'http://127.0.0.1:1'], 1],
      ] as const)
        expect([words.slice(0, 5), (await orch(words)).code]).toEqual([words.slice(0, 5), code])
      expect(await count()).toBe(before)
    },
    timeout,
  )
})
