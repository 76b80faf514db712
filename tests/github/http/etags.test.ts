import { expect, test } from 'vitest'
import { createAnswerCache, type CacheKey } from '../../../src/github/http/etags.js'
import type { RawAnswer } from '../../../src/github/http/answer.js'
import type { RunReading } from '../../../src/ports/host/builds.js'
import { fixedToken } from '../../../src/github/api/token.js'
import { run, sha, status } from '../support/payloads.js'
import { json, notFound, ScriptedGitHub, type Reply } from '../support/scripted-github.js'

const route = 'GET /repos/acme/lib/actions/runs/1'
const noon = Date.UTC(2031, 5, 1, 12)
const at = (seconds: number): string => new Date(noon + seconds * 1000).toUTCString()

/** A run as a server with ETags returns it. */
function tagged(etag: string, runStatus: string, headers: Record<string, string> = {}): Reply {
  return json(200, run({ id: 1, status: runStatus }), { etag, date: at(0), ...headers })
}

function unchanged(headers: Record<string, string> = {}): Reply {
  return () => new Response(null, { status: 304, headers: { date: at(0), ...headers } })
}

async function readTimes(server: ScriptedGitHub, times: number): Promise<string[]> {
  const github = server.github()
  const readings: RunReading[] = []
  for (let read = 0; read < times; read += 1) readings.push(await server.clock.until(github.readRun('acme/lib', 1)))
  return readings.map((reading) => (reading.kind === 'run' ? reading.run.status : reading.kind))
}

const asked = (server: ScriptedGitHub): (string | null)[] =>
  server.requests.map(({ headers }) => headers.get('if-none-match'))

test('a repeated read sends its ETag, and a 304 returns the cached answer', async () => {
  const server = new ScriptedGitHub().on(route, tagged('W/"a"', 'queued'), unchanged(), tagged('"b"', 'completed'))

  expect(await readTimes(server, 3)).toEqual(['queued', 'queued', 'completed'])
  expect(asked(server)).toEqual([null, 'W/"a"', 'W/"a"'])
})

test('a repeated read sends the ETag of the newest answer', async () => {
  const server = new ScriptedGitHub().on(route, tagged('"a"', 'queued'), tagged('"b"', 'in_progress'), unchanged())

  expect(await readTimes(server, 3)).toEqual(['queued', 'in_progress', 'in_progress'])
  expect(asked(server)).toEqual([null, '"a"', '"b"'])
})

test('an answer without an ETag is not cached', async () => {
  const server = new ScriptedGitHub().on(route, json(200, run({ id: 1 })))

  await readTimes(server, 2)

  expect(asked(server)).toEqual([null, null])
})

test('a 304 to a request without an ETag is a failure', async () => {
  const server = new ScriptedGitHub().on(route, unchanged())

  expect(await readTimes(server, 1)).toEqual(['unreadable'])
})

test('a 404 after a cached answer is returned as a 404', async () => {
  const server = new ScriptedGitHub().on(route, tagged('"a"', 'queued'), notFound)

  expect(await readTimes(server, 2)).toEqual(['queued', 'absent'])
})

test('an answer with an older date than the cached one does not replace it', async () => {
  const old = tagged('"a"', 'queued', { date: at(-5) })
  const server = new ScriptedGitHub().on(route, tagged('"b"', 'completed'), old, unchanged())

  expect(await readTimes(server, 3)).toEqual(['completed', 'completed', 'completed'])
  expect(asked(server)).toEqual([null, '"b"', '"b"'])
})

test('an answer of the same second or without a date replaces the cached one', async () => {
  const undated: Reply = json(200, run({ id: 1, status: 'waiting' }), { etag: '"c"' })
  const server = new ScriptedGitHub().on(route, tagged('"a"', 'queued'), tagged('"b"', 'in_progress'), undated)

  expect(await readTimes(server, 3)).toEqual(['queued', 'in_progress', 'waiting'])
})

test('a 304 that a newer answer overtook returns the newer answer', () => {
  const cache = createAnswerCache()
  cache.settle(key('u'), null, whole(200, 'old', { etag: '"a"', date: at(0) }))
  const [slow, fast] = [cache.find(key('u')), cache.find(key('u'))]

  cache.settle(key('u'), fast, whole(200, 'new', { etag: '"b"', date: at(9) }))
  const late = cache.settle(key('u'), slow, whole(304, null, { date: at(8) }))

  expect(textOf(late)).toBe('new')
  expect(cache.find(key('u'))?.etag).toBe('"b"')
})

test('every page of a listing has its own ETag, and the listing continues after an unchanged page', async () => {
  const listing = `GET /repos/acme/lib/commits/${sha.head}/statuses`
  const link = '<https://api.github.com/x?page=2>; rel="next"'
  const page: Reply = (request, signal) => {
    const isFirst = request.query.get('page') === '1'
    const etag = isFirst ? '"1"' : '"2"'
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers: { etag } })
    return json(200, [status({ id: isFirst ? 9 : 8 })], { etag, ...(isFirst ? { link } : {}) })(request, signal)
  }
  const server = new ScriptedGitHub().on(listing, page)
  const github = server.github()
  const query = { repo: 'acme/lib', headSha: sha.head, context: 'orchestrator-build' }

  const first = await github.listStatuses(query)
  const second = await github.listStatuses(query)

  expect(second).toEqual(first)
  expect(second.ok && second.value.map(({ id }) => id)).toEqual([9, 8])
  expect(asked(server)).toEqual([null, null, '"1"', '"2"'])
})

test('each exchange reports whether it counts and the remaining limit', async () => {
  const left = { 'x-ratelimit-remaining': '41', 'x-ratelimit-limit': '60' }
  const server = new ScriptedGitHub().on(route, tagged('"a"', 'queued', left), unchanged(left))

  await readTimes(server, 2)

  expect(server.entries.map(({ status: code, isCounted, remaining }) => [code, isCounted, remaining])).toEqual([
    [200, true, 41],
    [304, false, 41],
  ])
})

test('two clients with different tokens do not share cached answers', async () => {
  const server = new ScriptedGitHub().on(route, tagged('"a"', 'queued'))

  await server.github().readRun('acme/lib', 1)
  await server.github({ token: fixedToken('ghp_another') }).readRun('acme/lib', 1)

  expect(asked(server)).toEqual([null, null])
})

function whole(code: number, body: string | null, headers: Record<string, string>): RawAnswer {
  const bytes = body === null ? null : new TextEncoder().encode(body).buffer
  return { status: code, headers, bytes }
}

function key(url: string, accept = 'json', identity = 'a'): CacheKey {
  return { identity, url, accept }
}

function textOf({ bytes }: RawAnswer): string {
  return new TextDecoder().decode(bytes ?? new ArrayBuffer(0))
}

test('the cache of answers is bounded in number and size, and drops the least recently used first', () => {
  const cache = createAnswerCache({ count: 3, sizeBytes: 100 })
  const read = (url: string, size: number): void =>
    void cache.settle(key(url), cache.find(key(url)), whole(200, 'x'.repeat(size), { etag: `"${url}"` }))
  const known = (): string[] => ['a', 'b', 'c', 'd', 'e'].filter((url) => cache.find(key(url)) !== null)

  for (const url of ['a', 'b', 'c']) read(url, 10)
  cache.settle(key('a'), cache.find(key('a')), whole(304, null, {}))
  read('d', 10)
  expect(known()).toEqual(['a', 'c', 'd'])
  read('e', 11)
  expect(known()).toEqual(['a', 'c', 'd'])
})

test('two media types of one address are cached separately', () => {
  const cache = createAnswerCache()
  cache.settle(key('u', 'raw'), null, whole(200, 'x', { etag: '"a"' }))

  expect(cache.find(key('u', 'raw'))?.etag).toBe('"a"')
  expect(cache.find(key('u'))).toBeNull()
})
