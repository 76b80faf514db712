import { expect, test } from 'vitest'
import type { Clock } from '../../../src/ports/clock.js'
import { job } from '../support/payloads.js'
import { SteppedClock } from '../support/stepped-clock.js'
import { broken, json, notFound, redirect, ScriptedGitHub, text, type Reply } from '../support/scripted-github.js'

const route = 'GET /repos/acme/lib/actions/runs/1'
const noon = Date.UTC(2030, 0, 1, 12)

function at(ms: number, status = 404): Reply {
  return json(status, { message: 'Not Found' }, { date: new Date(ms).toUTCString() })
}

/** GitHub's time after these answers, with a local clock that is years behind. */
async function timeAfter(...replies: Reply[]): Promise<number | null> {
  const server = new ScriptedGitHub().on(route, ...replies)
  const github = server.github()
  for (let asked = 0; asked < replies.length; asked += 1) await server.clock.until(github.readRun('acme/lib', 1))
  return github.serverTime()
}

test("GitHub's time is unknown before its first answer", async () => {
  expect(new ScriptedGitHub().github().serverTime()).toBeNull()
  expect(await timeAfter(broken('ECONNREFUSED', { syscall: 'connect' }))).toBeNull()
})

test("GitHub's time is that of the latest answer", async () => {
  expect(await timeAfter(at(noon), at(noon + 5000))).toBe(noon + 5000)
})

test("an answer that was overtaken by a later one does not set GitHub's time back", async () => {
  expect(await timeAfter(at(noon), at(noon - 5000))).toBe(noon)
})

test.each<[string, Reply]>([
  ['a refused token', at(noon, 401)],
  ['an invalid request', at(noon, 422)],
  ['a page that is not GitHub’s', text(404, '<html>', { date: new Date(noon).toUTCString() })],
])("%s also sets GitHub's time", async (_what, reply) => {
  expect(await timeAfter(reply)).toBe(noon)
})

test.each<[string, Reply]>([
  ['without a date', notFound],
  ['with a date that is none', json(404, { message: 'Not Found' }, { date: 'yesterday' })],
])("an answer %s does not change GitHub's time", async (_what, reply) => {
  expect(await timeAfter(at(noon), reply)).toBe(noon)
  expect(await timeAfter(reply)).toBeNull()
})

test("GitHub's time advances with the local clock, and does not go back with it", async () => {
  const stepped = new SteppedClock()
  let setBackMs = 0
  const clock: Clock = {
    now: () => stepped.now() - setBackMs,
    sleep: (ms, signal) => stepped.sleep(ms, signal),
  }
  const server = new ScriptedGitHub().on(route, at(noon))
  const github = server.github({ clock })
  await github.readRun('acme/lib', 1)

  expect(github.serverTime()).toBe(noon)
  stepped.step(61_234)
  expect(github.serverTime()).toBe(noon + 61_234)
  setBackMs = 3_600_000
  expect(github.serverTime()).toBe(noon)
})

test("GitHub's time counts from the head of an answer, not from the end of its body", async () => {
  const clock = new SteppedClock()
  const slow: Reply = () => {
    const body = new ReadableStream(
      {
        pull: (controller) => {
          clock.step(9000)
          controller.enqueue(new TextEncoder().encode('{"message":"Not Found"}'))
          controller.close()
        },
      },
      { highWaterMark: 0 },
    )
    return new Response(body, {
      status: 404,
      headers: { 'content-type': 'application/json', date: new Date(noon).toUTCString() },
    })
  }
  const server = new ScriptedGitHub().on(route, slow)
  const github = server.github({ clock })
  await github.readRun('acme/lib', 1)

  expect(github.serverTime()).toBe(noon + 9000)
})

test("the server that stores the logs does not set GitHub's time", async () => {
  const jobs = 'GET /repos/acme/lib/actions/runs/1/attempts/1/jobs'
  const server = new ScriptedGitHub()
    .on(jobs, json(200, { jobs: [job({ conclusion: 'failure' })] }, { date: new Date(noon).toUTCString() }))
    .on('GET /repos/acme/lib/actions/jobs/399444496/logs', redirect(302, 'https://logs.example/1'))
    .on('GET https://logs.example/1', text(200, 'x', { date: new Date(noon + 3_600_000).toUTCString() }))
  const github = server.github()

  const read = await server.clock.until(github.explainFailure('acme/lib', { runId: 1, runAttempt: 1, url: 'u' }))

  expect(read).toMatchObject({ ok: true, value: { logTail: ['x'] } })
  expect(github.serverTime()).toBe(noon)
})
