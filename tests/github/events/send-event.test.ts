import { expect, test } from 'vitest'
import type { EventSending } from '../../../src/ports/host/events.js'
import { broken, json, notFound, redirect, ScriptedGitHub, text, type Reply } from '../support/scripted-github.js'

const route = 'POST /repos/acme/docs/dispatches'
const event = { repo: 'acme/docs', eventType: 'release-published', payload: { tag: 'v1' } }

async function send(...replies: Reply[]): Promise<{ result: EventSending; server: ScriptedGitHub }> {
  const server = new ScriptedGitHub().on(route, ...replies)
  const sending = server.github({ requestTimeoutMs: 30_000 }).sendEvent(event, () => Promise.resolve(true))
  return { result: await server.clock.until(sending), server }
}

test('an event is sent with its type and its payload', async () => {
  const { result, server } = await send(json(204, null))
  expect(result).toEqual({ kind: 'sent' })
  expect(server.requests.map(({ body }) => body)).toEqual([
    { event_type: 'release-published', client_payload: { tag: 'v1' } },
  ])
})

test.each([
  ['an answer that does not belong to this request', text(200, '{}')],
  ['a failure of the server', text(502, 'Bad Gateway')],
  ['a connection that breaks', broken('ECONNRESET')],
])('an event may have been sent after %s, and is not sent again', async (_name, reply) => {
  const { result, server } = await send(reply, json(204, null))
  expect(result.kind).toBe('ambiguous')
  expect(server.requests).toHaveLength(1)
})

test('a repository that is absent or invisible refuses it, and the permission is named', async () => {
  expect((await send(notFound)).result).toMatchObject({
    kind: 'refused',
    failure: { kind: 'not-found', remedy: expect.stringContaining('Contents: write') as unknown },
  })
})

test('a redirect is not followed', async () => {
  const { result } = await send(redirect(307, 'https://evil.example.com/'))
  expect(result.kind).toBe('refused')
})

test('an event that beforeSend withholds is not sent', async () => {
  const server = new ScriptedGitHub().on(route, json(204, null))
  expect(await server.github().sendEvent(event, () => Promise.resolve(false))).toEqual({ kind: 'withheld' })
  expect(server.requests).toEqual([])
})

test('an event is not sent when beforeSend rejects', async () => {
  const server = new ScriptedGitHub().on(route, json(204, null))
  const full = new Error('no space')
  await expect(server.github().sendEvent(event, () => Promise.reject(full))).rejects.toBe(full)
  expect(server.requests).toEqual([])
})
