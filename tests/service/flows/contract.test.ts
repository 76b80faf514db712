import { createHmac } from 'node:crypto'
import { symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FlowRunJson } from '../../../src/client/index.js'
import { runBuilt } from '../../cli/support/built-command.js'
import type { Exit } from '../../cli/support/built-command.js'
import { nodeStep } from '../../support/flow-client-contract.js'
import { BuiltFlowService, event, problem } from '../support/built-flow-service.js'
import { apiToken, hmacSecret, patienceMs } from '../support/service-command.js'

const timeout = 2 * patienceMs

const on = (type: string): string => `{ event: { types: [${type}] } }`
const print = (text: string): string => nodeStep(`console.log(${JSON.stringify(text)})`)

const flows = {
  '.orch/flows/release': `name: release\non: ${on('release')}\nsteps:\n${nodeStep('console.log(process.env.ORCH_REPLAY)')}`,
  'flows/release': `name: release\non: ${on('release')}\nsteps:\n${print('never')}`,
  '.orch/flows/announce': `name: announce\non: { dispatch: true }\nsteps:\n${print('announced')}`,
  '.orch/flows/forever': `name: forever\non: ${on('forever')}\nsteps:\n${nodeStep('console.log("up"); setInterval(() => {}, 1000)')}`,
  '.orch/flows/one': 'name: one\non: { dispatch: true }\nsteps:\n  - handoff: two\n',
  '.orch/flows/two': 'name: two\non: { dispatch: true }\nsteps:\n  - handoff: one\n',
}

let service: BuiltFlowService

beforeAll(async () => {
  service = await BuiltFlowService.open(flows)
}, timeout)
afterAll(() => service[Symbol.asyncDispose](), timeout)

describe('the contract of events, as the built service keeps it', () => {
  test(
    'an event is 202 with its runs, 200 when it is known, and 409 with the field that differs',
    async () => {
      const first = await service.ask('POST', '/events', event('known', { receivedAt: '2026-01-01T00:00:00.000Z' }))
      expect(first).toMatchObject({ status: 202, body: { event: { id: 'known' }, runs: [{ flow: 'release' }] } })
      const again = await service.ask('POST', '/events', event('known', { receivedAt: '2026-02-02T00:00:00.000Z' }))
      expect(again).toMatchObject({ status: 200, body: { event: { receivedAt: '2026-01-01T00:00:00.000Z' } } })
      const context = { files: [{ name: 'a', content: '' }] }
      for (const [field, value] of Object.entries({ type: 'x', source: 'x', payload: 2, context }))
        expect(problem(await service.ask('POST', '/events', event('known', { [field]: value })), 409)).toMatchObject({
          field,
        })
      expect(await service.ask('GET', '/events/known')).toMatchObject({
        status: 200,
        body: { id: 'known', payload: 1 },
      })
      for (const path of ['/events', '/runs', '/events?limit=1&cursor=1'])
        expect(Object.keys((await service.ask('GET', path)).body)).toEqual(['items', 'nextCursor'])
    },
    timeout,
  )

  test(
    'a run has the fields that others rely on, a replay is one more attempt, and an ended run is not cancelled',
    async () => {
      const run = await service.runOf('replayed', 'release')
      const fields = [
        ...['id', 'eventId', 'flow', 'attempt', 'status', 'result', 'effectiveStatus', 'needsAttention', 'attention'],
        ...['attempts', 'output', 'createdAt', 'startedAt', 'endedAt'],
      ]
      expect(Object.keys(run)).toEqual(expect.arrayContaining(fields))
      const ofAttempt = ['id', 'number', 'status', 'startedAt', 'endedAt', 'output', 'result']
      expect(Object.keys(run.attempts[0] ?? {})).toEqual(expect.arrayContaining(ofAttempt))
      expect(run).toMatchObject({ result: null, effectiveStatus: 'completed', needsAttention: false, attention: null })
      expect(run.output).toEqual({ stdout: 'undefined\n', stderr: '', truncated: false })
      expect(await service.ask('POST', '/events/replayed/replay')).toMatchObject({
        status: 202,
        body: { runs: [{ id: run.id }] },
      })
      const replayed = await service.ended(run.id)
      expect(replayed.attempts.map(({ output }) => output.stdout)).toEqual(['undefined\n', '1\n'])
      problem(await service.ask('POST', `/runs/${run.id}/cancel`), 409)
      problem(await service.ask('POST', '/runs/nothing/cancel'), 404)

      const { runs } = (await service.ask('POST', '/events', event('cancelled', { type: 'forever' }))).body as {
        runs: FlowRunJson[]
      }
      const id = runs[0]?.id ?? ''
      expect(await service.ask('POST', `/runs/${id}/cancel`)).toMatchObject({ status: 202, body: { id } })
      expect(await service.ended(id)).toMatchObject({
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
      expect(await service.ask('POST', '/events', event('later', { type: 'later' }))).toMatchObject({
        body: { runs: [] },
      })
      await service.writeFlow('.orch/flows/later', `name: later\non: ${on('later')}\nsteps:\n${print('first')}`)
      const { runs } = (await service.ask('POST', '/events/later/replay')).body as { runs: FlowRunJson[] }
      expect((await service.ended(runs[0]?.id ?? '')).output.stdout).toBe('first\n')
      await service.writeFlow('.orch/flows/later', `name: later\non: ${on('later')}\nsteps:\n${print('second')}`)
      expect((await service.runOf('later2', 'later')).output.stdout).toBe('second\n')
      await service.writeFlow('.orch/flows/later', 'name: later\nsteps: {}\n')
      expect((await service.runOf('later3', 'later')).output.stdout).toBe('second\n')
      const { items } = (await service.ask('GET', '/flows')).body as { items: { name: string; problems: string[] }[] }
      expect(items.find(({ name }) => name === 'later')?.problems[0]).toContain('line 1')
    },
    timeout,
  )

  test(
    'work is handed to a flow once for each id, and to none that is unknown, disabled or without dispatch',
    async () => {
      const before = await service.count()
      expect(problem(await service.ask('POST', '/flows/anounce/handoff', {}), 404)['detail']).toContain(
        'Did you mean announce',
      )
      problem(await service.ask('POST', '/flows/release/handoff', {}), 409)
      await service.ask('POST', '/flows/announce/disable')
      problem(await service.ask('POST', '/flows/announce/handoff', {}), 409)
      await service.ask('POST', '/flows/announce/enable')
      expect(await service.count()).toBe(before)
      expect(await service.ask('POST', '/flows/announce/handoff', { id: 'handed', payload: 1 })).toMatchObject({
        status: 202,
      })
      expect(await service.ask('POST', '/flows/announce/handoff', { id: 'handed', payload: 1 })).toMatchObject({
        status: 200,
      })
      problem(await service.ask('POST', '/flows/announce/handoff', { id: 'handed', payload: 2 }), 409)
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
    expect((await service.ask('POST', '/events', body, headers)).status).toBe(202)
    expect((await service.ask('POST', '/events', body, headers)).status).toBe(200)
    problem(await service.ask('POST', '/events', body.replace('1', '2'), headers), 401)
    problem(await service.ask('POST', '/events?x', body, headers), 401)
    problem(await service.ask('POST', '/events', body, sign('POST', '/events', body, 1)), 401)
    problem(await service.ask('POST', '/events', body, {}), 401)
    const path = '/flows/announce/enable'
    const once = sign('POST', path, '')
    expect((await service.ask('POST', path, undefined, once)).status).toBe(200)
    expect(problem(await service.ask('POST', path, undefined, once), 401)).toMatchObject({ code: 'signature-used' })
    problem(await service.ask('GET', '/workloads', undefined, sign('GET', '/workloads', '')), 401)
  })

  test('flows in a cycle are named and not started, and the second flow of a name is shown as shadowed', async () => {
    const { items } = (await service.ask('GET', '/flows')).body as {
      items: { file: string; state: string; problems: string[] }[]
    }
    const find = (file: string) => items.find((each) => each.file === `${file}/flow.yaml`)
    expect(find('.orch/flows/one')?.problems).toEqual(['flows hand on to each other in a cycle: one -> two -> one'])
    expect(find('flows/release')).toMatchObject({ state: 'shadowed' })
    problem(await service.ask('POST', '/flows/one/handoff', {}), 404)
  })
})

describe('the commands against the built service', () => {
  const orch = (words: readonly string[], env: Record<string, string> = {}): Promise<Exit> =>
    runBuilt(words, {
      cwd: service.room.folder.path,
      env: { ORCH_URL: service.url, ORCH_HMAC_SECRET: hmacSecret, ...env },
    })
  const send = ['event', 'send', 'release', '--id', 'command', '--source', 'test', '--payload', '1']

  test(
    'end with 0, 1 for what the service refuses, and 2 for what is not valid, and then nothing is kept',
    async () => {
      expect((await orch(send)).code).toBe(0)
      expect((await orch(send, { ORCH_HMAC_SECRET: '', ORCH_API_TOKEN: apiToken })).code).toBe(0)
      const other = await orch([...send.slice(0, -1), '2'])
      expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('its payload differs')])
      const before = await service.count()
      await writeFile(join(service.room.folder.path, 'large.json'), `"${'x'.repeat(1024 * 1024)}"`)
      await writeFile(join(service.room.folder.path, 'notes.md'), 'N')
      await symlink('notes.md', join(service.room.folder.path, 'link.md'))
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
      expect(await service.count()).toBe(before)
    },
    timeout,
  )
})
