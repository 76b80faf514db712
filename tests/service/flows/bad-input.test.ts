import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { nodeStep } from '../../support/flow-client-contract.js'
import { BuiltFlowService, event, problem } from '../support/built-flow-service.js'
import { patienceMs } from '../support/service-command.js'

const timeout = 2 * patienceMs

const on = (type: string): string => `{ event: { types: [${type}] } }`

const flows = {
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

let service: BuiltFlowService

beforeAll(async () => {
  service = await BuiltFlowService.open(flows)
}, timeout)
afterAll(() => service[Symbol.asyncDispose](), timeout)

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
    expect(problem(await service.ask('POST', '/events', body), status)).toMatchObject({ field })
    problem(await service.ask('GET', '/events/bad'), 404)
  })

  test.each([
    ['{\n "id": }', 'line 2, column 8'],
    ['['.repeat(1_000_000), 'nested too deep'],
  ])('text that is not JSON is 400 with the place', async (body, why) => {
    expect(problem(await service.ask('POST', '/events', body), 400)['detail']).toContain(why)
  })

  test('a payload that nothing could write again is 400', async () => {
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`
    const body = `{"id":"bad","type":"t","source":"s","payload":${nested}}`
    expect(problem(await service.ask('POST', '/events', body), 400)).toMatchObject({ field: 'payload' })
  })

  test(
    'a step that prints 200 MB completes with the beginning and the end of its output',
    async () => {
      const { output, ...run } = await service.runOf('loud', 'loud')
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
      const run = await service.runOf('stubborn', 'stubborn')
      expect(run).toMatchObject({ status: 'failed', attention: 'it took longer than its timeout-minutes (0.02)' })
    },
    timeout,
  )

  test(
    'a link in the place of trigger-context is not followed',
    async () => {
      const context = { files: [{ name: 'notes.md', content: 'N' }] }
      const run = await service.runOf('linking', 'linking', { context })
      expect(run).toMatchObject({ status: 'completed', output: { stdout: 'notes.md\n' } })
    },
    timeout,
  )
})
