import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, test } from 'vitest'
import { readConnectionError } from '../../../src/github/http/connection-error.js'
import { createNodeFetch } from '../../../src/github/http/node-fetch.js'

const servers: Server[] = []

/** A server on this machine with one handler for all requests. */
async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const fetch = createNodeFetch()
const manual = { redirect: 'manual' } as const

/** The error that a fetch rejects with. */
async function rejection(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => Promise.reject(new Error('it did not reject')),
    (error: unknown) => error as Error,
  )
}

describe('a fetch over Node’s own HTTP client', () => {
  test('nodeFetch sends method, headers and body, and returns status, headers and body', async () => {
    const url = await serve((request, response) => {
      let body = ''
      request.on('data', (text) => (body += String(text)))
      request.on('end', () => {
        const { authorization, 'content-length': length } = request.headers
        response.writeHead(
          201,
          'Made',
          [
            ['x-one', '1'],
            ['x-two', 'a'],
            ['x-two', 'b'],
          ].flat(),
        )
        response.end(JSON.stringify({ method: request.method, path: request.url, authorization, length, body }))
      })
    })
    const answer = await fetch(`${url}/a?b=c`, {
      ...manual,
      method: 'POST',
      headers: { authorization: 'bearer x' },
      body: 'ä',
    })
    expect([answer.status, answer.statusText, answer.ok]).toEqual([201, 'Made', true])
    expect([answer.headers.get('x-one'), answer.headers.get('X-Two')]).toEqual(['1', 'a, b'])
    expect(await answer.json()).toEqual({
      method: 'POST',
      path: '/a?b=c',
      authorization: 'bearer x',
      length: '2',
      body: 'ä',
    })
  })

  test('nodeFetch accepts a Headers object', async () => {
    const url = await serve((request, response) => response.end(request.headers['if-none-match']))
    const answer = await fetch(url, { ...manual, headers: new Headers({ 'If-None-Match': '"etag"' }) })
    expect(await answer.text()).toBe('"etag"')
  })

  test('nodeFetch requests a compressed answer and decompresses it', async () => {
    const url = await serve((request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' })
      response.end(gzipSync(String(request.headers['accept-encoding'])))
    })
    expect(await (await fetch(url, manual)).text()).toBe('gzip')
  })

  test('nodeFetch does not follow a redirect', async () => {
    const url = await serve((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end())
    const answer = await fetch(url, manual)
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/elsewhere'])
  })

  test.each([204, 304])('nodeFetch returns no body for the status %i', async (status) => {
    const url = await serve((_request, response) => response.writeHead(status).end())
    const answer = await fetch(url, manual)
    expect([answer.status, answer.body]).toEqual([status, null])
  })

  test('nodeFetch reuses a connection', async () => {
    const ports = new Set<number | undefined>()
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort)
      response.end('{}')
    })
    for (let count = 0; count < 3; count += 1) await (await fetch(url, manual)).arrayBuffer()
    expect(ports.size).toBe(1)
  })

  test('nodeFetch follows redirects on request, as the global fetch does', async () => {
    const url = await serve((request, response) =>
      request.url === '/' ? response.writeHead(302, { location: '/there' }).end() : response.end('there'),
    )
    expect(await (await fetch(url)).text()).toBe('there')
  })
})

describe('errors of nodeFetch', () => {
  test('the error of a refused connection proves that nothing was sent', async () => {
    // A port below 1024, because a port that was just given back may already belong to another test.
    const error = await rejection(fetch('http://127.0.0.1:1', manual))
    expect(readConnectionError(error)).toEqual({ code: 'ECONNREFUSED', neverSent: true, isCertificate: false })
  })

  test('the error of an unknown host name proves that nothing was sent', async () => {
    const error = await rejection(fetch('http://nowhere.invalid', manual))
    expect(readConnectionError(error).neverSent).toBe(true)
  })

  test('the error of a connection that breaks before the answer does not prove that nothing was sent', async () => {
    const url = await serve((request) => request.socket.destroy())
    const error = await rejection(fetch(url, { ...manual, method: 'POST', body: '{}' }))
    expect(readConnectionError(error)).toEqual({ code: 'ECONNRESET', neverSent: false, isCertificate: false })
  })

  test.each(['identity', 'gzip'])(
    'reading a body rejects when the connection breaks in the middle of the answer (%s)',
    async (encoding) => {
      const url = await serve((request, response) => {
        response.writeHead(200, { 'content-length': '1000', 'content-encoding': encoding })
        response.write(gzipSync('x'.repeat(100)).subarray(0, 20), () => request.socket.destroy())
      })
      const answer = await fetch(url, manual)
      const error = await rejection(answer.arrayBuffer())
      expect(readConnectionError(error).neverSent).toBe(false)
    },
  )

  test('an abort before or in the middle of the answer rejects', async () => {
    const early = new AbortController()
    const silent = await serve(() => early.abort())
    expect((await rejection(fetch(silent, { ...manual, signal: early.signal }))).name).toBe('AbortError')
    const late = new AbortController()
    const slow = await serve((_request, response) => void response.writeHead(200).write('part'))
    const answer = await fetch(slow, { ...manual, signal: late.signal })
    late.abort()
    await rejection(answer.arrayBuffer())
  })
})
