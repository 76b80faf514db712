import { expect, test } from 'vitest'
import type { RunReading } from '../../../src/ports/host/builds.js'
import type { Host } from '../../../src/ports/host/host.js'
import { run, sha } from '../support/payloads.js'
import { broken, json, notFound, ScriptedGitHub, type Reply, type SeenRequest } from '../support/scripted-github.js'

/** A run as the scripted GitHub knows it. */
interface KnownRun {
  status: string
  conclusion?: string
  /** Whether GraphQL does not find the run. */
  isHidden?: boolean
}

/** A GitHub with one repository and one run for each number, which answers by REST and by GraphQL. */
class Runs {
  readonly server = new ScriptedGitHub()
  readonly known = new Map<number, KnownRun>()
  readonly github: Host
  /** The ids and commits of each query. */
  readonly queries: { ids: number; commits: number }[] = []
  graphql: Reply | null = null
  /** Why GraphQL is not used any more. */
  readonly refusals: string[] = []

  constructor(count: number) {
    for (let index = 1; index <= count; index += 1) {
      this.known.set(index, { status: 'in_progress' })
      this.server.on(`GET /repos/acme/r${index}/actions/runs/${index}`, (...args) => this.rest(index)(...args))
    }
    this.server.on('POST /graphql', (request, signal) => (this.graphql ?? this.answer)(request, signal))
    this.github = this.server.github({ onGraphQLRefused: (reason) => this.refusals.push(reason) })
  }

  private rest(runId: number): Reply {
    const { status, conclusion = null } = this.known.get(runId)!
    const html_url = `https://github.com/acme/r${runId}/actions/runs/${runId}`
    return json(200, run({ id: runId, node_id: `WFR_${runId}`, html_url, status, conclusion, run_attempt: 2 }))
  }

  private readonly answer: Reply = (request, signal) => {
    const { variables } = request.body as { variables: Record<string, unknown> }
    const ids = (variables['ids'] ?? []) as string[]
    const names = Object.entries(variables).flatMap(([key, value]) => (key.startsWith('name') ? [String(value)] : []))
    this.queries.push({ ids: ids.length, commits: names.length })
    const data: Record<string, unknown> = {}
    if (ids.length > 0) data['nodes'] = ids.map((id) => this.node(Number(id.slice('WFR_'.length))))
    for (const [index, name] of names.entries()) {
      const nodes = [{ workflowRun: null }, { workflowRun: this.node(Number(name.slice(1))) }]
      data[`r${index}`] = { object: { checkSuites: { nodes } } }
    }
    return json(200, { data })(request, signal)
  }

  private node(runId: number): unknown {
    const { status, conclusion, isHidden } = this.known.get(runId)!
    if (isHidden === true) return null
    const checkSuite = {
      status: status.toUpperCase(),
      conclusion: conclusion?.toUpperCase() ?? null,
      commit: { oid: sha.head },
    }
    return { id: `WFR_${runId}`, url: `https://github.com/acme/r${runId}/actions/runs/${runId}`, checkSuite }
  }

  /** Reads all runs at the same time. */
  async read(headSha: string | null = sha.head): Promise<RunReading[]> {
    const numbers = [...this.known.keys()]
    const readings = numbers.map((runId) =>
      this.github.readRun(`acme/r${runId}`, runId, { withAttempt: false, headSha }),
    )
    return this.server.clock.until(Promise.all(readings))
  }

  /** When a run that was dispatched just now would be read next, ms from now. */
  nextReadingIn(runId = 1): number {
    const now = this.server.clock.now()
    const run = { repo: `acme/r${runId}`, runId, since: now, count: 0, seed: '', wasFound: true }
    return this.github.nextReadingAt(run) - now
  }

  /** Whether all runs are read at the same times. */
  isShared(): boolean {
    return (this.server.clock.now() + this.nextReadingIn()) % 4_000 === 0
  }

  /** The requests since the last call, as `GraphQL` or the number of the run. */
  asked(): string[] {
    const asked = this.server.asked().map((line) => (line === 'POST /graphql' ? 'GraphQL' : line.split('/').at(-1)!))
    this.server.requests.length = 0
    return asked
  }
}

/** The interval between readings for each watched run when each is read alone, ms. */
const spacing = 200

/** Runs that were each read once, so that readings of more than ten of them share a request from then on. */
async function watching(count: number): Promise<Runs> {
  const runs = new Runs(count)
  for (const runId of runs.known.keys())
    runs.github.readRun(`acme/r${runId}`, runId, { withAttempt: false, headSha: null }).catch(() => null)
  await runs.server.clock.advance(5_000)
  runs.asked()
  return runs
}

test('the poller reads up to ten runs one by one, with their attempts', async () => {
  const runs = new Runs(10)
  const readings = await runs.read()

  expect(runs.asked()).toEqual(['1', '2', '3', '4', '5', '6', '7', '8', '9', '10'])
  expect(readings[9]).toMatchObject({ kind: 'run', run: { id: 10, status: 'in_progress', runAttempt: 2 } })
  expect(runs.isShared()).toBe(false)
  expect(runs.nextReadingIn()).toBe(10 * spacing)
})

test('the poller reads a hundred known runs by one query, which does not contain their attempts', async () => {
  const runs = await watching(100)
  const readings = await runs.read()

  expect(runs.asked()).toEqual(['GraphQL'])
  expect(readings[99]).toEqual({
    kind: 'run',
    run: {
      id: 100,
      headSha: sha.head,
      status: 'in_progress',
      conclusion: null,
      runAttempt: null,
      url: 'https://github.com/acme/r100/actions/runs/100',
    },
  })
  expect(runs.isShared()).toBe(true)
})

test('the poller needs a second query for more than a hundred runs', async () => {
  const runs = await watching(130)
  runs.queries.length = 0
  await runs.read()
  expect(runs.queries).toEqual([
    { ids: 100, commits: 0 },
    { ids: 30, commits: 0 },
  ])
})

test('the poller watches runs from their dispatch on, and finds them through the check suites of their commits', async () => {
  const runs = new Runs(30)
  for (const runId of runs.known.keys()) {
    const details = { workflow_run_id: runId, run_url: 'u', html_url: 'u' }
    runs.server.on(`POST /repos/acme/r${runId}/actions/workflows/build.yml/dispatches`, json(200, details))
    const request = { repo: `acme/r${runId}`, workflow: 'build.yml', ref: 'DPTA-1', inputs: {} }
    await runs.server.clock.until(runs.github.dispatch(request, () => Promise.resolve(true)))
  }
  runs.asked()
  const readings = await runs.read()

  expect(runs.queries).toEqual([
    { ids: 0, commits: 25 },
    { ids: 0, commits: 5 },
  ])
  expect(runs.asked()).toEqual(['GraphQL', 'GraphQL'])
  expect(readings.every((reading) => reading.kind === 'run' && reading.run.headSha === sha.head)).toBe(true)
  await runs.read()
  expect(runs.queries.slice(2)).toEqual([{ ids: 30, commits: 0 }])
})

test('the poller confirms a finished run by a reading of its own, and then stops watching it', async () => {
  const runs = await watching(12)
  runs.known.set(7, { status: 'completed', conclusion: 'failure' })
  const readings = await runs.read()

  expect(runs.asked()).toEqual(['GraphQL', '7'])
  expect(readings[6]).toMatchObject({ run: { status: 'completed', conclusion: 'failure', runAttempt: 2 } })
  expect(runs.isShared()).toBe(true)
  // After one more reading, ten runs are left.
  runs.known.set(8, { status: 'completed', conclusion: 'success' })
  await runs.read()
  expect(runs.isShared()).toBe(false)
  expect(runs.nextReadingIn()).toBe(10 * spacing)
})

test('a run that GraphQL does not find is absent only if a reading of its own confirms it', async () => {
  const runs = await watching(12)
  runs.known.set(3, { status: 'queued', isHidden: true })
  runs.known.set(4, { status: 'queued', isHidden: true })
  runs.server.on('GET /repos/acme/r4/actions/runs/4', notFound)
  const readings = await runs.read()

  expect(runs.asked()).toEqual(['GraphQL', '3', '4'])
  expect(readings[2]).toMatchObject({ kind: 'run', run: { status: 'queued' } })
  expect(readings[3]).toEqual({ kind: 'absent' })
})

test('the poller reads a run with its attempt on request, for any number of watched runs', async () => {
  const runs = await watching(12)
  const reading = await runs.server.clock.until(runs.github.readRun('acme/r5', 5))

  expect(runs.asked()).toEqual(['5'])
  expect(reading).toMatchObject({ run: { runAttempt: 2 } })
})

const refusedNodes = (type: string): Reply =>
  json(200, { data: { nodes: Array<null>(12).fill(null) }, errors: [{ type, path: ['nodes', 0], message: 'no' }] })

test.each([
  ['the query', json(404, { message: 'Not Found' })],
  ['a field of the query', json(200, { errors: [{ message: "Field 'nodes' doesn't exist on type 'Query'" }] })],
  ['the check suites to this token', refusedNodes('FORBIDDEN')],
])('the poller uses the REST API once the server has refused %s', async (_what, graphql) => {
  const runs = await watching(12)
  runs.graphql = graphql
  const readings = await runs.read()

  expect(readings.every((reading) => reading.kind === 'run' && reading.run.runAttempt === 2)).toBe(true)
  expect(runs.isShared()).toBe(false)
  runs.asked()
  await runs.read()
  expect(runs.asked()).not.toContain('GraphQL')
})

test('a refusal of GraphQL holds for all requests, and is reported once', async () => {
  const runs = await watching(12)
  runs.graphql = json(404, { message: 'Not Found' })
  runs.server.on('GET /repos/acme/r1/pulls', json(200, []))
  await runs.read()
  runs.asked()
  const query = { repositories: ['acme/r1'], statusContext: 'orchestrator-build', matches: () => true }
  await runs.server.clock.until(runs.github.readPullRequests(query))

  expect(runs.asked()).toEqual(['pulls'])
  expect(runs.refusals).toHaveLength(1)
})

test('the poller reads runs one by one when every query is too much, and together again the next time', async () => {
  const runs = await watching(12)
  runs.graphql = json(502, { message: 'Server Error' })
  const readings = await runs.read()
  expect(readings.every((reading) => reading.kind === 'run' && reading.run.runAttempt === 2)).toBe(true)

  runs.graphql = null
  runs.asked()
  await runs.read()
  expect(runs.asked()).toEqual(['GraphQL'])
})

test('the poller halves a query that is too much for the server', async () => {
  const runs = await watching(40)
  const refuse = json(502, { message: 'Server Error' })
  const take = runs['answer']
  runs.graphql = (request: SeenRequest, signal) => {
    const { ids } = (request.body as { variables: { ids: string[] } }).variables
    return ids.length > 20 ? refuse(request, signal) : take(request, signal)
  }
  const readings = await runs.read()

  expect(readings.every((reading) => reading.kind === 'run' && reading.run.runAttempt === null)).toBe(true)
  expect(runs.isShared()).toBe(true)
})

test('all runs of a query without an answer are unreadable', async () => {
  const runs = await watching(12)
  runs.graphql = broken('ECONNRESET')
  const readings = await runs.read()

  expect(new Set(runs.asked())).toEqual(new Set(['GraphQL']))
  for (const [index, reading] of readings.entries()) {
    expect(reading).toMatchObject({ kind: 'unreadable', failure: { kind: 'network', repo: `acme/r${index + 1}` } })
  }
})

test('the poller reads runs less often when little of the hourly limit is left', async () => {
  const date = new Date(Date.UTC(2026, 10, 21, 8, 0, 0))
  const headers = (resource: string, remaining: number): Record<string, string> => ({
    date: date.toUTCString(),
    'x-ratelimit-resource': resource,
    'x-ratelimit-limit': '5000',
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(date.getTime() / 1000 + 600),
  })
  const runs = new Runs(1)
  runs.server.on(
    'GET /repos/acme/r1/actions/runs/1',
    json(200, run({ id: 1, status: 'in_progress', conclusion: null }), headers('core', 77)),
  )
  await runs.read()
  // Of the 77, 20 and 5 for the run are kept; half of the rest has to last for the ten minutes until the next hour.
  expect(runs.nextReadingIn()).toBeCloseTo((600_000 * 2) / (77 - 20 - 5), -3)
})

test('the poller reads only the run that a webhook has reported rarely, until it is cancelled or run again', async () => {
  const runs = await watching(2)
  const usual = 2 * spacing
  const rarely = 100_000
  const isRare = (): boolean => runs.nextReadingIn(1) > rarely
  expect(isRare()).toBe(false)
  runs.github.noteDelivery('acme/r1', 1)
  expect(isRare()).toBe(true)
  expect(runs.nextReadingIn(2)).toBeLessThan(rarely)
  expect(runs.nextReadingIn(2)).toBeGreaterThanOrEqual(usual)
  await runs.read()
  expect(isRare()).toBe(true)

  runs.server.on('POST /repos/acme/r1/actions/runs/1/cancel', json(202, {}))
  await runs.server.clock.until(runs.github.cancelRun('acme/r1', 1, { force: false, urgent: false }))
  expect(isRare()).toBe(false)

  runs.github.noteDelivery('acme/r1', 1)
  runs.server.on('POST /repos/acme/r1/actions/runs/1/rerun-failed-jobs', json(201, {}))
  await runs.server.clock.until(runs.github.rerunFailedJobs('acme/r1', 1, () => Promise.resolve(true)))
  expect(isRare()).toBe(false)
})

test('a webhook of a run that nobody watches changes nothing', async () => {
  const runs = await watching(1)
  runs.github.noteDelivery('acme/r7', 7)
  expect(runs.nextReadingIn(7)).toBe(runs.nextReadingIn(1))
})
