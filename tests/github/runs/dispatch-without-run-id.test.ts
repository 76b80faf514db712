import { expect, test } from 'vitest'
import type { DispatchResult } from '../../../src/ports/host/builds.js'
import { SteppedClock } from '../support/stepped-clock.js'
import { broken, hang, json, ScriptedGitHub, text, type Reply } from '../support/scripted-github.js'

const route = 'POST /repos/acme/lib/actions/workflows/build.yml/dispatches'
const request = { repo: 'acme/lib', workflow: 'build.yml', ref: 'DPTA-1', inputs: { orch_id: 'x' } }
const yes = (): Promise<boolean> => Promise.resolve(true)
const invalid = (message: string): Reply => json(422, { message, documentation_url: 'https://docs.github.com/rest' })
const accepted = json(200, { workflow_run_id: 30433642, html_url: 'https://github.com/acme/lib/actions/runs/30433642' })

async function dispatch(...replies: Reply[]): Promise<{ result: DispatchResult; server: ScriptedGitHub }> {
  const server = new ScriptedGitHub().on(route, ...replies)
  const result = await server.clock.until(server.github({ requestTimeoutMs: 30_000 }).dispatch(request, yes))
  return { result, server }
}

const oldServer = invalid('Invalid request.\n\n"return_run_details" is not a permitted key.')
const plainBody = { ref: 'DPTA-1', inputs: { orch_id: 'x' } }
const fullBody = { ...plainBody, return_run_details: true }

test('a dispatch to a server that refuses return_run_details is sent again without the key, for the same intent', async () => {
  const server = new ScriptedGitHub().on(route, oldServer, json(204, null))
  let intents = 0

  const result = await server.github().dispatch(request, () => {
    intents += 1
    return Promise.resolve(true)
  })

  expect(result).toMatchObject({ kind: 'ambiguous', failure: { kind: 'unexpected-answer', httpStatus: 204 } })
  expect(server.requests.map(({ body }) => body)).toEqual([fullBody, plainBody])
  expect(intents).toBe(1)
})

test('a server that refused return_run_details never receives the key again from this instance', async () => {
  const server = new ScriptedGitHub().on(route, oldServer, json(204, null))
  const github = server.github()

  for (const ref of ['DPTA-1', 'DPTA-2']) await github.dispatch({ ...request, ref }, yes)

  expect(server.requests.map(({ body }) => body)).toEqual([fullBody, plainBody, { ...plainBody, ref: 'DPTA-2' }])
  await server.github().dispatch(request, yes)
  expect(server.requests.at(-1)?.body).toEqual(fullBody)
})

test('simultaneous dispatches to a server that refuses return_run_details are each sent once without the key', async () => {
  const refusesKey: Reply = (seen, signal) =>
    (Object.hasOwn(seen.body as object, 'return_run_details') ? oldServer : json(204, null))(seen, signal)
  const server = new ScriptedGitHub().on(route, refusesKey)
  const github = server.github()

  const refs = ['DPTA-1', 'DPTA-2', 'DPTA-3']
  const results = await Promise.all(refs.map((ref) => github.dispatch({ ...request, ref }, yes)))

  expect(results.map(({ kind }) => kind)).toEqual(['ambiguous', 'ambiguous', 'ambiguous'])
  const plain = server.requests.map(({ body }) => body as { ref: string; return_run_details?: true })
  expect(plain.filter((body) => !body.return_run_details).map(({ ref }) => ref)).toEqual(refs)
})

test('the repetition without return_run_details does not wait for its turn again', async () => {
  const server = new ScriptedGitHub().on(route, oldServer, json(204, null))
  // The clock does not move: a second wait for the spacing of writes never ends.
  const github = server.github({ clock: new SteppedClock(), keepsLimits: true })

  expect(await github.dispatch(request, yes)).toMatchObject({ kind: 'ambiguous' })
  expect(server.requests).toHaveLength(2)
})

test.each<[string, Reply, string, string]>([
  ['refused for another reason', invalid('No ref found for: DPTA-1'), 'refused', 'invalid-request'],
  ['refused for the same reason', oldServer, 'refused', 'invalid-request'],
  ['never sent', broken('ECONNREFUSED', { syscall: 'connect' }), 'refused', 'network'],
  ['not answered', hang, 'ambiguous', 'timeout'],
  ['answered 502', text(502, 'Bad Gateway'), 'ambiguous', 'server-error'],
  ['cut', broken('ECONNRESET', { syscall: 'read' }), 'ambiguous', 'network'],
])(
  'a dispatch repeated without return_run_details that is %s is not sent again',
  async (_what, reply, kind, failure) => {
    const { result, server } = await dispatch(oldServer, reply)

    expect(result).toMatchObject({ kind, failure: { kind: failure } })
    expect(server.requests).toHaveLength(2)
  },
)

test.each<[string, Reply, string]>([
  ['a 500', json(500, { message: '"return_run_details" is not a permitted key.' }), 'ambiguous'],
  ['a page of a proxy', text(422, '"return_run_details" is not a permitted key.'), 'refused'],
  ['a missing permission', json(403, { message: 'return_run_details' }), 'refused'],
])('%s with the name of the key is not a refusal of the key', async (_what, reply, kind) => {
  const { result, server } = await dispatch(reply)

  expect(result.kind).toBe(kind)
  expect(server.requests).toHaveLength(1)
})

test('a refusal of a branch with the name of the key is not a refusal of the key', async () => {
  const server = new ScriptedGitHub().on(route, invalid('No ref found for: return_run_details'), accepted)
  const github = server.github()

  expect(await github.dispatch({ ...request, ref: 'return_run_details' }, yes)).toMatchObject({ kind: 'refused' })
  expect(await github.dispatch(request, yes)).toMatchObject({ kind: 'accepted' })
  expect(server.requests.map(({ body }) => body)).toEqual([{ ...fullBody, ref: 'return_run_details' }, fullBody])
})
