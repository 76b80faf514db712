import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { createFlowClient } from '../../src/client/index.js'
import type { FlowClient, HttpClientOptions } from '../../src/client/index.js'

interface Request {
  line: string
  headers: IncomingMessage['headers']
  body: string
}

interface FakeService extends AsyncDisposable {
  client: FlowClient
  url: string
  requests: Request[]
}

/** A server that answers each request by the next of these functions; the last one answers all others. */
async function fakeService(
  answers: readonly ((response: ServerResponse) => void)[],
  login: Pick<HttpClientOptions, 'token' | 'hmacSecret'> = { token: 't' },
): Promise<FakeService> {
  const requests: Request[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      const answer = answers[Math.min(requests.length, answers.length - 1)]
      requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body })
      answer?.(response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    client: createFlowClient({ mode: 'http', baseUrl: url, ...login }),
    url,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const send =
  (status: number, text: string, headers: Record<string, string> = {}) =>
  (response: ServerResponse): void =>
    void response.writeHead(status, headers).end(text)
const cut = (response: ServerResponse): void => void response.socket?.destroy()
const event = { id: 'e1', type: 't', source: 's', payload: { tag: 'v1' } }
const dispatched = JSON.stringify({ event, runs: [] })

describe.concurrent('the client over HTTP', () => {
  test.each([
    ['a service that is not ready', send(503, '')],
    ['a limit of requests', send(429, '')],
    ['a connection that is cut', cut],
  ])('sends an event again after %s, with the same body', async (_sentence, failure) => {
    await using service = await fakeService([failure, send(202, dispatched)])
    expect(await service.client.dispatchEvent(event)).toEqual({ event, runs: [] })
    expect(service.requests.map(({ line, body }) => [line, JSON.parse(body) as unknown])).toEqual([
      ['POST /events', event],
      ['POST /events', event],
    ])
  })

  test('sends a handoff again with the same id, and never a replay', async () => {
    await using service = await fakeService([cut, send(202, dispatched), cut])
    await service.client.handoff('announce', { payload: 1 })
    const [first, second] = service.requests.map(({ body }) => (JSON.parse(body) as { id: string }).id)
    expect([second, first?.startsWith('handoff:')]).toEqual([first, true])
    await expect(service.client.replayEvent('e1')).rejects.toMatchObject({ code: 'SERVICE', status: null })
    expect(service.requests).toHaveLength(3)
  })

  test('waits as long as the service asks before it sends anything again, a replay too', async () => {
    await using service = await fakeService([send(429, '', { 'retry-after': '1' }), send(202, dispatched)])
    const before = Date.now()
    await service.client.replayEvent('e1')
    expect(Date.now() - before).toBeGreaterThanOrEqual(990)
    expect(service.requests).toHaveLength(2)
  })

  test('rejects at once with what the service says when it would have to wait for more than a minute', async () => {
    const limited = send(429, '{"detail":"Try again in 61 s."}', { 'retry-after': '61' })
    await using service = await fakeService([limited])
    await expect(service.client.dispatchEvent(event)).rejects.toMatchObject({
      code: 'SERVICE',
      status: 429,
      message: 'Try again in 61 s.',
    })
    expect(service.requests).toHaveLength(1)
  })

  test('signs a request for the next second when another process has signed the same one for this second', async () => {
    const used = send(401, '{"code":"signature-used"}', { 'content-type': 'application/problem+json' })
    await using service = await fakeService([used, used, send(202, dispatched)], { hmacSecret: 'the secret' })
    await service.client.replayEvent('e1')
    const [first = NaN, ...others] = service.requests.map(({ headers }) => Number(headers['x-orch-timestamp']))
    expect(others).toEqual([first + 1, first + 2])
  })

  test('does not repeat a request whose login is refused', async () => {
    await using service = await fakeService([send(401, '{"detail":"the signature is not valid"}')])
    await expect(service.client.replayEvent('e1')).rejects.toMatchObject({ code: 'UNAUTHORIZED' })
    expect(service.requests).toHaveLength(1)
  })

  test('gives up after the third failure, and names the service', async () => {
    await using service = await fakeService([cut])
    await expect(service.client.getEvent('e1')).rejects.toThrow(
      `the service at ${service.url} cannot be reached: is it running?`,
    )
    expect(service.requests).toHaveLength(3)
  })

  test.each([
    ['text that is not JSON', send(200, '<html>'), 200, 'the service answered with something that is not JSON'],
    [
      'an answer that is cut',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '100' })
        response.write('{"id":', () => cut(response))
      },
      200,
      'the service answered with something that is not JSON',
    ],
    ['an error that is not a problem', send(500, '<html>'), 500, 'the service answered 500'],
    ['a problem whose fields are not texts', send(500, '{"detail":{},"field":1}'), 500, 'the service answered 500'],
  ])('rejects for %s', async (_sentence, answer, status, message) => {
    await using service = await fakeService([answer])
    await expect(service.client.getEvent('e1')).rejects.toMatchObject({ code: 'SERVICE', status, message })
    expect(service.requests).toHaveLength(1)
  })

  test('never follows a redirect, which would take the token elsewhere', async () => {
    await using other = await fakeService([send(200, '{}')])
    await using service = await fakeService([send(307, '', { location: `${other.url}/events` })])
    await expect(service.client.dispatchEvent(event)).rejects.toMatchObject({ code: 'SERVICE', status: 307 })
    expect([service.requests.length, other.requests.length]).toEqual([1, 0])
  })

  test('reads an answer of 8 MiB', async () => {
    const payload = 'x'.repeat(8 * 1024 * 1024)
    await using service = await fakeService([send(200, JSON.stringify({ ...event, payload }))])
    expect((await service.client.getEvent('e1')).payload).toBe(payload)
  })

  test('escapes ids, which cannot name another path', async () => {
    await using service = await fakeService([send(404, '{"detail":"there is no such event"}')])
    await expect(service.client.getEvent('../runs?x=1#y')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    expect(service.requests.map(({ line }) => line)).toEqual(['GET /events/..%2Fruns%3Fx%3D1%23y'])
  })

  test('signs what it sends: the time, the method, the path with its query and the body', async () => {
    const secret = 'the secret'
    await using service = await fakeService([send(200, JSON.stringify({ items: [], nextCursor: null }))], {
      hmacSecret: secret,
    })
    await service.client.dispatchEvent(event)
    await service.client.listRuns({ eventId: 'a b', limit: 5 })
    await service.client.replayEvent('e1')
    await service.client.replayEvent('e1')
    for (const { line, headers, body } of service.requests) {
      const [method = '', path = ''] = line.split(' ')
      const text = `${String(headers['x-orch-timestamp'])}.${method}.${path}.${body}`
      const signature = createHmac('sha256', secret).update(text).digest('hex')
      expect(headers).toMatchObject({ 'x-orch-signature-256': `sha256=${signature}` })
      expect(headers).not.toHaveProperty('authorization')
    }
    const signatures = service.requests.map(({ headers }) => headers['x-orch-signature-256'])
    expect(new Set(signatures).size).toBe(4)
  })
})

describe.concurrent('a run that is watched over HTTP', () => {
  const running = { id: 'r', status: 'running', endedAt: null }
  const ended = { id: 'r', status: 'completed', endedAt: '2026-01-01T00:00:00.000Z' }
  const block = (run: object): string => `event: run\ndata: ${JSON.stringify(run)}\n\n`

  async function watch(...answers: Parameters<typeof fakeService>[0]): Promise<{ runs: unknown[]; requests: number }> {
    await using service = await fakeService(answers)
    const runs: unknown[] = []
    for await (const run of service.client.watchRun('r')) runs.push(run)
    return { runs, requests: service.requests.length }
  }

  test('continues after its stream was cut, and shows no state twice', async () => {
    const cutAfter = (response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write(`${block(running)}event: run\ndata: {"id"`, () => cut(response))
    }
    const rest = send(200, block(running) + block(ended))
    expect(await watch(cutAfter, rest)).toEqual({ runs: [running, ended], requests: 2 })
  })

  test('is read in any parts in which it arrives, with comments and other events between', async () => {
    const text = `: keep\r\n\r\n${block(running)}event: ping\ndata: x\n\n${block(ended)}`.replaceAll(/\r?\n/gu, '\r\n')
    const inParts = (response: ServerResponse): void => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      const parts = text.split('')
      const next = (): void => {
        const part = parts.shift()
        if (part === undefined) response.end()
        else response.write(part, () => setImmediate(next))
      }
      next()
    }
    expect(await watch(inParts)).toEqual({ runs: [running, ended], requests: 1 })
  })

  test('rejects for a run that is not JSON, and for an unknown run', async () => {
    await expect(watch(send(200, 'event: run\ndata: {\n\n'))).rejects.toMatchObject({ code: 'SERVICE' })
    await expect(watch(send(404, '{}'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('ends with its signal while the service is silent', async () => {
    await using service = await fakeService([
      (response) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).write(block(running)),
    ])
    const stopped = new AbortController()
    const watching = async (): Promise<void> => {
      for await (const { id } of service.client.watchRun('r', { signal: stopped.signal }))
        stopped.abort(new Error(`enough of ${id}`))
    }
    await expect(watching()).rejects.toThrow('enough of r')
  })
})
