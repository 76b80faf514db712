import { request } from 'node:http'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../../src/lib/system-clock.js'
import type { HttpApp } from '../../../src/service/http/http-app.js'
import { listen } from '../../../src/service/http/listen.js'
import type { ListeningServer } from '../../../src/service/http/listen.js'
import { release } from '../../support/flow-client-contract.js'
import { apiToken, PagesWorld } from '../pages-world.js'

const withToken = { authorization: `Bearer ${apiToken}` }
const mebibyte = 'x'.repeat(1024 * 1024)

let app: HttpApp
let server: ListeningServer

beforeEach(async () => {
  const world = new PagesWorld()
  app = world.app({ data: world.data({ clock: systemClock }) })
  const listening = await listen(app, { host: '127.0.0.1', port: 0 })
  if (listening.kind === 'refused') throw new Error(`nothing can listen here: ${listening.code}`)
  server = listening.server
})

afterEach(async () => {
  app.close()
  await server.close(0)
})

/** A request whose body is sent in chunks, and its answer. */
function open(path: string, headers: Record<string, string>): { sent: ClientRequest; answer: Promise<number> } {
  const sent = request(`${server.url}${path}`, { method: 'POST', headers })
  const answer = new Promise<number>((resolve, reject) => {
    sent.on('response', (response: IncomingMessage) => {
      resolve(response.statusCode ?? 0)
      // The service closes the connection of a sender who does not stop.
      response.on('error', () => undefined).resume()
    })
    sent.on('error', reject)
  })
  answer.finally(() => sent.on('error', () => undefined)).catch(() => undefined)
  return { sent, answer }
}

describe('the body of a request', () => {
  const now = String(Math.floor(Date.now() / 1000))
  const signature = `sha256=${'0'.repeat(64)}`

  test.each([
    ['without a login', {}],
    ['with a wrong token', { authorization: 'Bearer ghp_wrong' }],
    ['with a signature of another time', { 'x-orch-timestamp': '1', 'x-orch-signature-256': signature }],
    ['with a text that is not a signature', { 'x-orch-timestamp': now, 'x-orch-signature-256': 'sha256=x' }],
  ])('is not awaited %s', async (_what, headers) => {
    const { sent, answer } = open('/events', headers)
    sent.write(mebibyte)
    expect(await answer).toBe(401)
    sent.destroy()
  })

  test('is refused when it becomes larger than any valid event, whoever sends it', async () => {
    for (const headers of [withToken, { 'x-orch-timestamp': now, 'x-orch-signature-256': signature }]) {
      const { sent, answer } = open('/events', headers)
      // A chunk that the service does not read any more waits for ever.
      for (let count = 0; count < 40; count += 1) {
        const written = new Promise<null>((resolve) => sent.write(mebibyte, () => resolve(null)))
        if ((await Promise.race([written, answer])) !== null) break
      }
      expect(await answer).toBe(413)
      sent.destroy()
    }
  })

  test('may be a valid event in chunks', async () => {
    const { sent, answer } = open('/events', withToken)
    sent.end(JSON.stringify(release('e')))
    expect(await answer).toBe(202)
  })

  test('of a form in chunks is refused when it becomes too large', async () => {
    const type = { 'content-type': 'application/x-www-form-urlencoded' }
    const { sent, answer } = open('/login', type)
    sent.end(`token=${'x'.repeat(70_000)}`)
    expect(await answer).toBe(413)
  })
})
