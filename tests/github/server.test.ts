import { expect, test } from 'vitest'
import type { Read } from '../../src/ports/host/read.js'
import type { ServerReading } from '../../src/ports/host/server.js'
import { json, notFound, ScriptedGitHub, text } from './support/scripted-github.js'
import type { Reply } from './support/scripted-github.js'

const limit = { limit: 5_000, remaining: 4_000, used: 1_000, reset: 1_800_000_000 }
const limits = json(200, { resources: { core: limit, graphql: { ...limit, remaining: 5_000 } }, rate: limit })

async function read(root: Reply, rate: Reply): Promise<Read<ServerReading>> {
  const server = new ScriptedGitHub().on('GET /', root).on('GET /rate_limit', rate)
  return server.clock.until(server.github().readServer('acme/lib'))
}

test('an Enterprise Server names its version in a header, and has no limits if it does not know them', async () => {
  const root: Reply = () =>
    new Response('{}', {
      headers: { 'content-type': 'application/json', 'x-github-enterprise-version': '3.20.1' },
    })
  expect(await read(root, notFound)).toEqual({ ok: true, value: { version: '3.20.1', limits: [] } })
})

test('github.com names no version, and what is left of the limits of both APIs', async () => {
  const resetAt = 1_800_000_000_000
  expect(await read(json(200, {}), limits)).toEqual({
    ok: true,
    value: {
      version: null,
      limits: [
        { api: 'REST', limit: 5_000, remaining: 4_000, resetAt },
        { api: 'GraphQL', limit: 5_000, remaining: 5_000, resetAt },
      ],
    },
  })
})

test('a page of a proxy is not the answer of a server without limits', async () => {
  const answer = await read(json(200, {}), text(404, '<html>'))
  expect(answer).toMatchObject({ ok: false, failure: { kind: 'unexpected-answer' } })
})
