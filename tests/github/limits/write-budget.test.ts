import { describe, expect, test } from 'vitest'
import type { Host } from '../../../src/ports/host/host.js'
import type { StatusPost } from '../../../src/ports/host/statuses.js'
import type { Pause } from '../../../src/ports/pause.js'
import { seededRandom } from '../../support/random.js'
import { run, sha, status } from '../support/payloads.js'
import { json, ScriptedGitHub } from '../support/scripted-github.js'
import { isExhaustive } from '../../support/exhaustive.js'

const minute = 60_000
const hour = 3_600_000
/** The margin by which orch's minute and hour are longer than GitHub's, ms. */
const margin = 100
const request = { repo: 'acme/lib', workflow: 'build.yml', ref: 'DPTA-1', inputs: {} }
const post: StatusPost = {
  repo: 'acme/lib',
  headSha: sha.head,
  context: 'orchestrator-build',
  state: 'pending',
  description: 'run:0123456789ab',
  targetUrl: '',
}
const yes = (): Promise<boolean> => Promise.resolve(true)

interface Left {
  at: number
  kind: 'dispatch' | 'cancel' | 'status' | 'read'
}

/**
 * A server that accepts everything, with the arrival time of each request in ms since the start.
 * @param latency the network time of the next way there or back, ms
 */
function serve(latency?: () => number): {
  server: ScriptedGitHub
  github: Host
  left: Left[]
  pauses: Pause[]
} {
  const server = new ScriptedGitHub()
  const start = server.clock.now()
  const left: Left[] = []
  const pauses: Pause[] = []
  const answer = (route: string, kind: Left['kind'], code: number, body: unknown): void => {
    server.on(route, (...args) => {
      left.push({ at: server.clock.now() - start, kind })
      return json(code, body)(...args)
    })
  }
  answer('POST /repos/acme/lib/actions/workflows/build.yml/dispatches', 'dispatch', 200, {
    workflow_run_id: 30433642,
    html_url: 'https://github.com/acme/lib/actions/runs/30433642',
  })
  answer('POST /repos/acme/lib/actions/runs/1/cancel', 'cancel', 202, {})
  answer(`POST /repos/acme/lib/statuses/${sha.head}`, 'status', 201, status())
  answer('GET /repos/acme/lib/actions/runs/1', 'read', 200, run({ id: 1 }))
  const slow: typeof fetch = async (...args) => {
    await server.clock.sleep(latency?.() ?? 0)
    const response = await server.fetch(...args)
    await server.clock.sleep(latency?.() ?? 0)
    return response
  }
  const onPause = (pause: Pause): number => pauses.push(pause)
  const github = server.github({ keepsLimits: true, onPause, fetch: latency ? slow : server.fetch })
  return { server, github, left, pauses }
}

/** The largest number of times in any interval of this length that begins with one of them, its end excluded. */
function mostWithin(times: readonly number[], length: number): number {
  return Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + length).length))
}

type Send = (github: Host, gate: () => Promise<boolean>) => Promise<unknown>

const sends: Record<'dispatch' | 'cancel' | 'status', Send> = {
  dispatch: (github, gate) => github.dispatch(request, gate),
  cancel: (github) => github.cancelRun('acme/lib', 1, { force: false, urgent: false }),
  status: (github, gate) => github.postStatus(post, { urgent: false }, gate),
}

test('twenty status posts leave at once, without a delay from the write budget', async () => {
  const { server, github, left } = serve()

  await server.clock.until(Promise.all(Array.from({ length: 20 }, () => sends.status(github, yes))))

  expect(left.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, () => 0))
})

/** Other ones each week. */
const count = isExhaustive ? 12 : 2
const seeds = Array.from({ length: count }, (_, nth) => Number(process.env['ORCH_DRAW']) * count + nth)

describe.each(seeds)('writes at random moments, seed %i', (seed) => {
  test('writes at random moments never exceed 80 in a minute or 500 in an hour, and all of them leave', async () => {
    const random = seededRandom(seed)
    const { server, github, left } = serve(() => Math.floor(random() ** 4 * 5_000))
    const kinds = ['dispatch', 'cancel', 'status'] as const
    const wanted: Promise<unknown>[] = []
    let withheld = 0
    for (let sent = 0; sent < 700; sent += 1) {
      const kind = kinds[Math.floor(random() * 3)] ?? 'status'
      const isWithheld = kind !== 'cancel' && random() < 0.2
      if (isWithheld) withheld += 1
      wanted.push(sends[kind](github, () => Promise.resolve(!isWithheld)))
      // Bursts and lulls: the next write usually comes at once, sometimes only after minutes.
      if (random() < 0.05) await server.clock.advance(Math.floor(random() * random() * 10 * minute))
    }
    await server.clock.until(Promise.all(wanted))

    const times = left.map(({ at }) => at)
    expect(times).toHaveLength(700 - withheld)
    expect(mostWithin(times, minute)).toBeLessThanOrEqual(80)
    expect(mostWithin(times, hour)).toBeLessThanOrEqual(500)
  })
})

test('the 81st of a hundred statuses leaves a minute after the first', async () => {
  const { server, github, left } = serve()

  await server.clock.until(Promise.all(Array.from({ length: 100 }, () => sends.status(github, yes))))

  expect(left[20]?.at).toBe(750)
  expect(left[79]?.at).toBe(45_000)
  expect(left[80]?.at).toBe(minute + margin)
  expect(left[99]?.at).toBe(minute + margin)
})

test('the minute of the write budget counts from the answers, so a slow write is closer to the next ones', async () => {
  let ways = 0
  // The first request needs ten seconds to arrive, all others arrive at once.
  const { server, github, left } = serve(() => ((ways += 1) === 1 ? 10_000 : 0))

  await server.clock.until(Promise.all(Array.from({ length: 100 }, () => sends.status(github, yes))))

  const times = left.map(({ at }) => at)
  expect(times.includes(10_000)).toBe(true)
  expect(mostWithin(times, minute)).toBeLessThanOrEqual(80)
})

test('the write budget sends 500 waiting writes in seven minutes and reports the wait of the next one', async () => {
  const { server, github, left, pauses } = serve()
  const start = server.clock.now()

  await server.clock.until(Promise.all(Array.from({ length: 501 }, () => sends.status(github, yes))))

  expect(left[499]?.at).toBe(6 * (minute + margin))
  expect(left[500]?.at).toBe(hour + margin)
  expect(pauses).toEqual([{ limit: 'writes', at: start + 6 * (minute + margin), until: start + hour + margin }])
})

test('waiting dispatches leave before cancels, and cancels before statuses, regardless of their order', async () => {
  const { server, github, left } = serve()
  const crowd = Array.from({ length: 20 }, () => sends.status(github, yes))
  const later = (['status', 'cancel', 'dispatch', 'status', 'cancel', 'dispatch'] as const).map((kind) =>
    sends[kind](github, yes),
  )

  await server.clock.until(Promise.all([...crowd, ...later]))

  expect(left.slice(20).map(({ kind }) => kind)).toEqual([
    'dispatch',
    'dispatch',
    'cancel',
    'cancel',
    'status',
    'status',
  ])
})

test('a withheld write leaves its share of the budget to the next one', async () => {
  const { server, github, left } = serve()
  const withheld = Array.from({ length: 50 }, () => sends.status(github, () => Promise.resolve(false)))
  const sent = Array.from({ length: 20 }, () => sends.status(github, yes))

  await server.clock.until(Promise.all([...withheld, ...sent]))

  expect(left.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, () => 0))
})

test('urgent writes never wait, and other writes wait for them', async () => {
  const { server, github, left } = serve()
  const urgent = Array.from({ length: 30 }, () => github.cancelRun('acme/lib', 1, { force: false, urgent: true }))

  await server.clock.until(Promise.all([...urgent, sends.status(github, yes)]))

  expect(left.slice(0, 30).every(({ kind, at }) => kind === 'cancel' && at === 0)).toBe(true)
  expect(left[30]).toEqual({ at: 8_250, kind: 'status' })
})

test('reads do not wait for writes, ten are in flight at once, and 800 leave in a minute', async () => {
  const { server, github, left } = serve()
  const writes = Array.from({ length: 21 }, () => sends.status(github, yes))
  const reads = Array.from({ length: 701 }, () => github.readRun('acme/lib', 1))

  await server.clock.until(Promise.all([...writes, ...reads]))

  const readAt = left.filter(({ kind }) => kind === 'read').map(({ at }) => at)
  // 20 writes count five points each.
  expect(readAt.filter((at) => at === 0)).toHaveLength(700)
  expect(readAt.at(-1)).toBe(minute)
})

test('at most ten reads and forty writes are in flight at the same time', async () => {
  const server = new ScriptedGitHub()
  const underWay = { GET: 0, POST: 0 }
  const most = { GET: 0, POST: 0 }
  const slow: typeof fetch = async (_input, init) => {
    const method = init?.method === 'POST' ? 'POST' : 'GET'
    underWay[method] += 1
    most[method] = Math.max(most[method], underWay[method])
    await server.clock.sleep(25_000)
    underWay[method] -= 1
    return new Response(JSON.stringify(method === 'POST' ? status() : run({ id: 1 })), {
      headers: { 'content-type': 'application/json' },
    })
  }
  const github = server.github({ fetch: slow, keepsLimits: false })

  const reads = Array.from({ length: 30 }, () => github.readRun('acme/lib', 1))
  const writes = Array.from({ length: 100 }, () => sends.status(github, yes))
  await server.clock.until(Promise.all([...reads, ...writes]))

  expect(most).toEqual({ GET: 10, POST: 40 })
})
