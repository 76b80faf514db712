import { describe, expect, test } from 'vitest'
import { describeRecord } from '../../../../src/model/build/job-record.js'
import { markerOf } from '../../../../src/model/build/marker.js'
import type { Plan, PlannedJob, RunOptions } from '../../../../src/model/build/plan.js'
import type { CommitRun, CommitStatus } from '../../../../src/model/change.js'
import type { Graph } from '../../../../src/model/graph.js'
import type { ListedRun } from '../../../../src/ports/host/builds.js'
import { dispatched, failureOf, graphOf, planOf, readingOf, runOf, sha, statusOf } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'
import { Stage } from './performing.js'

const hour = 3_600_000
const now = 1_000 * 24 * hour
const serverUrl = 'https://github.test'
const action = { type: 'find-reusable-run', at: 0, job: 'A' } as const
const graph = graphOf({ A: [] })

function planWith(changes: Partial<PlannedJob> = {}, of: Graph = graph): Plan {
  const readings = of.jobs.map(({ repo }) => readingOf(repo, { pullRequests: [] }))
  const plan = planOf(of, { readings })
  const jobs = plan.jobs.map((planned) =>
    planned.job === 'A' ? { ...planned, carriesMarker: true, ...changes } : planned,
  )
  return { ...plan, jobs }
}

const plan = planWith()
const fingerprint = plan.jobs[0]?.fingerprint ?? ''
const predecessors = ['run0000000']
const login = () => ({ ok: true, value: 'Me' })

/** A run with the marker of this build, which the orchestration before dispatched. */
function listed(
  changes: Partial<ListedRun> & { origin?: string; job?: string; print?: string; attempt?: number } = {},
): ListedRun {
  const { origin = 'run0000000', job = 'A', print = fingerprint, attempt = 2, ...rest } = changes
  const title = `build ${markerOf({ origin, job, attempt, fingerprint: print })}`
  const base = { runId: 21, url: `${serverUrl}/acme/A/actions/runs/21`, title, conclusion: 'success', actor: 'me' }
  return { ...base, isOwn: true, updatedAt: now - hour, ...rest }
}

const lists =
  (...runs: ListedRun[]) =>
  () => ({ ok: true, value: runs })

async function found(
  answers: ConstructorParameters<typeof Stage>[3],
  { of = plan, events = [] }: { of?: Plan; events?: DatedEvent[] } = {},
): Promise<{ event: unknown; stage: Stage }> {
  const stage = new Stage(of, events, now, answers)
  const [event] = await stage.perform(action)
  return { event, stage }
}

const withOptions = (answers: object, options: Partial<RunOptions> = {}) => ({
  answers: { login, ...answers },
  options: { predecessors, ...options },
})

describe('the runs with a marker', () => {
  const runOfListing = {
    ...{ runId: 21, url: `${serverUrl}/acme/A/actions/runs/21`, origin: 'run0000000', attempt: 2 },
    ...{ isSameBuild: true, conclusion: 'success' },
  }

  test('they are listed by workflow, branch and commit, and say what they built', async () => {
    const { event, stage } = await found(withOptions({ listRuns: lists(listed()) }))
    expect(event).toMatchObject({
      type: 'earlier-runs-listed',
      job: 'A',
      found: [{ ...runOfListing, isTrusted: true }],
    })
    expect(stage.requests).toEqual([
      ['login', 'acme/A'],
      ['listRuns', { repo: 'acme/A', workflow: 'build.yml', ref: 'DPTA-1', headSha: sha('a') }],
    ])
    const onDefault = await found(withOptions({ listRuns: lists() }), { of: planWith({ defaultBranch: 'main' }) })
    expect(onDefault.stage.requests[1]).toMatchObject(['listRuns', { ref: 'main' }])
  })

  const only = async (run: ListedRun, options: Partial<RunOptions> = {}): Promise<unknown> => {
    const { event } = await found(withOptions({ listRuns: lists(run) }, options))
    return (event as { found: unknown[] }).found[0]
  }

  test('a run of another build is known, but not the same, and one of another job or without a marker is not', async () => {
    expect(await only(listed({ print: '0'.repeat(64) }))).toMatchObject({ isSameBuild: false })
    expect(await only(listed({ job: 'B' }))).toBeUndefined()
    expect(await only(listed({ title: 'build' }))).toBeUndefined()
  })

  test('a run that somebody else dispatched counts if that user is trusted', async () => {
    expect(await only(listed({ isOwn: false }))).toMatchObject({ isTrusted: true })
    expect(await only(listed({ isOwn: false, actor: 'eve' }))).toBeUndefined()
    expect(await only(listed({ isOwn: false, actor: null }))).toBeUndefined()
    expect(await only(listed({ actor: 'eve' }))).toEqual(runOfListing)
  })

  test('a run that is too old, or must not be reused, is not trusted', async () => {
    expect(await only(listed({ updatedAt: now - 8 * 24 * hour }))).toEqual(runOfListing)
    expect(await only(listed(), { force: true })).toEqual(runOfListing)
  })

  test('the users that the graph file trusts are not asked for', async () => {
    const trusting: Graph = { ...graph, trustedAuthors: ['robot'] }
    const answers = { listRuns: lists(listed({ isOwn: false, actor: 'Robot' }), listed({ runId: 22, isOwn: false })) }
    const stage = new Stage(planWith({}, trusting), [], now, { answers, options: { predecessors } })
    expect(await stage.perform(action)).toMatchObject([{ found: [{ runId: 21, isTrusted: true }] }])
    expect(stage.requests.map(([method]) => method)).toEqual(['listRuns'])
  })

  test('a run counts only if it is newer than those of its needs', async () => {
    const chain = graphOf({ B: [], A: ['B'] })
    const built = (runId: number): DatedEvent[] => [
      ...dispatched('B', runId),
      { type: 'job-settled', job: 'B', outcome: 'succeeded', reason: '', at: 5 },
    ]
    const of = planWith({ fingerprint }, chain)
    const isSame = async (runId: number): Promise<unknown> => {
      const { event } = await found(withOptions({ listRuns: lists(listed()) }), { of, events: built(runId) })
      return (event as { found: { isSameBuild: boolean }[] }).found[0]?.isSameBuild
    }
    expect([await isSame(20), await isSame(22)]).toEqual([true, false])
  })

  test('a listing or a login that fails is journaled, and repeated after a delay', async () => {
    const failed = () => ({ ok: false, failure: failureOf() })
    for (const answers of [{ listRuns: failed }, { login: failed, listRuns: lists() }]) {
      const { event } = await found(withOptions(answers))
      expect(event).toMatchObject({ type: 'listing-failed', job: 'A', failure: failureOf() })
    }
    const nextAt = async (events: DatedEvent[]): Promise<number> => {
      const { event } = await found(withOptions({ listRuns: lists() }), { events })
      return (event as { nextAt: number }).nextAt - now
    }
    const first = await nextAt([])
    expect(first).toBeGreaterThanOrEqual(1_200)
    expect(first).toBeLessThanOrEqual(1_800)
    const earlier: DatedEvent = { type: 'earlier-runs-listed', job: 'A', found: [], nextAt: 0, at: 5 }
    expect(await nextAt([earlier, earlier, earlier, earlier])).toBeGreaterThanOrEqual(6_000)
  })

  test('nothing is listed for a job that does not wait, and a listing that comes too late is dropped', async () => {
    const { event, stage } = await found(withOptions({}), { events: dispatched('A') })
    expect(event).toBeUndefined()
    expect(stage.requests).toEqual([])
    for (const answer of [
      { ok: true, value: [] },
      { ok: false, failure: failureOf() },
    ]) {
      const late = new Stage(plan, [], now, { answers: { login }, options: { predecessors } })
      late.answers.listRuns = () => {
        late.happen(...dispatched('A'))
        return answer
      }
      expect(await late.perform(action)).toEqual([])
    }
  })

  test('nothing is listed where no other orchestration is known', async () => {
    const known = { job: 'A', fingerprint, runId: 5, url: '' }
    const run = runOf({ id: 5 })
    const { event, stage } = await found({
      answers: { readRun: () => ({ kind: 'run', run }) },
      options: { knownRuns: [known] },
    })
    expect(event).toMatchObject({ found: [{ runId: 5 }] })
    expect(stage.requests).toEqual([['readRun', 'acme/A', 5]])
  })
})

describe('the runs that are known from a journal', () => {
  const known = (changes: object = {}) => ({ job: 'A', fingerprint, runId: 5, url: '', ...changes })
  const foundWith = async (
    reading: unknown,
    knownRuns: ReturnType<typeof known>[],
    of = planWith({ carriesMarker: false }),
  ) => found({ answers: { readRun: () => reading }, options: { knownRuns } }, { of })

  test('a run that is still active, or has ended, is read and can be reused', async () => {
    const base = { runId: 5, url: 'https://github.test/run', origin: null, attempt: 0, isSameBuild: true }
    const active = await foundWith({ kind: 'run', run: runOf({ id: 5 }) }, [known()])
    expect(active.event).toMatchObject({ found: [{ ...base, conclusion: null }] })
    const ended = await foundWith({ kind: 'run', run: runOf({ id: 5, status: 'completed', conclusion: 'success' }) }, [
      known(),
    ])
    expect(ended.event).toMatchObject({ found: [{ ...base, conclusion: 'success' }] })
    const moved = await foundWith({ kind: 'run', run: runOf({ id: 5, headSha: sha('b') }) }, [known()])
    expect(moved.event).toMatchObject({ found: [{ isSameBuild: false }] })
  })

  test('a run that is gone is left out, and one that cannot be read is a failure', async () => {
    expect((await foundWith({ kind: 'absent' }, [known()])).event).toMatchObject({
      type: 'earlier-runs-listed',
      found: [],
    })
    expect((await foundWith({ kind: 'unreadable', failure: failureOf() }, [known()])).event).toMatchObject({
      type: 'listing-failed',
      failure: failureOf(),
    })
  })

  test('a run of another job or of another build is not read, and a restarted one is', async () => {
    const others = [known({ job: 'B' }), known({ fingerprint: '0' })]
    const { stage } = await foundWith({ kind: 'absent' }, others)
    expect(stage.requests).toEqual([])
    const restarted = await foundWith(
      { kind: 'absent' },
      others,
      planWith({ carriesMarker: false, restarted: { runId: 6, url: '' } }),
    )
    expect(restarted.stage.requests).toEqual([['readRun', 'acme/A', 6]])
  })
})

describe('the run of a record that another orchestration wrote meanwhile', () => {
  const url = `${serverUrl}/acme/A/actions/runs/30`
  const record = (changes: Partial<CommitStatus> = {}): CommitStatus => ({
    ...statusOf({ state: 'success', creator: 'me' }),
    description: describeRecord({ orchestration: 'other00001', fingerprint }, 'its run succeeded'),
    context: 'orchestrator-build/A',
    targetUrl: url,
    ...changes,
  })
  const run = (changes: Partial<CommitRun> = {}): CommitRun => ({
    ...{ runId: 30, url, workflow: 'build.yml', headSha: sha('a'), status: 'completed', conclusion: 'success' },
    ...{ createdAt: now - 2 * hour, updatedAt: now - hour },
    ...changes,
  })
  const recording = { recordJobs: true, isRestart: true }
  const foundBy = async (
    status: CommitStatus | null,
    read: CommitRun | null,
    options: Partial<RunOptions> = {},
    of = plan,
  ) =>
    found(
      withOptions(
        {
          listRuns: lists(),
          listStatuses: () => ({ ok: true, value: status ? [status] : [] }),
          readCommitRun: () => ({ ok: true, value: read }),
        },
        { ...recording, ...options },
      ),
      { of },
    )

  test('it is found by the status of the job, and read', async () => {
    const { event, stage } = await foundBy(record(), run())
    expect(event).toMatchObject({
      found: [{ runId: 30, url, origin: null, attempt: 0, isSameBuild: true, conclusion: 'success' }],
    })
    expect(stage.requests.slice(2)).toEqual([
      ['listStatuses', { repo: 'acme/A', headSha: sha('a'), context: 'orchestrator-build/A', newestOnly: true }],
      ['readCommitRun', 'acme/A', 30],
    ])
  })

  test('a run that runs again counts as active', async () => {
    const { event } = await foundBy(record(), run({ status: 'in_progress' }))
    expect(event).toMatchObject({ found: [{ conclusion: null }] })
  })

  test.each<[string, CommitStatus | null, CommitRun | null]>([
    ['there is no status', null, run()],
    ['somebody else wrote the status', record({ creator: 'eve' }), run()],
    [
      'the record is of another build',
      record({ description: describeRecord({ orchestration: 'other00001', fingerprint: '0'.repeat(64) }, '') }),
      run(),
    ],
    ['its run is gone', record(), null],
    [
      'its link is that of another server',
      record({ targetUrl: 'https://github.example/acme/A/actions/runs/30' }),
      run(),
    ],
    ['its run built another commit', record(), run({ headSha: sha('b') })],
    ['its run is of another workflow', record(), run({ workflow: 'other.yml' })],
    ['its run is too old', record(), run({ updatedAt: now - 8 * 24 * hour })],
  ])('nothing is found where %s', async (_, status, read) => {
    expect((await foundBy(status, read)).event).toMatchObject({ found: [] })
  })

  test('it is not looked for where a run can be reused, nothing is recorded, or a default branch is built', async () => {
    const methods = (stage: Stage): unknown[] => stage.requests.map(([method]) => method)
    const enough = await found(withOptions({ listRuns: lists(listed()) }, recording))
    expect(methods(enough.stage)).toEqual(['login', 'listRuns'])
    expect(methods((await foundBy(record(), run(), { recordJobs: false })).stage)).toEqual(['login', 'listRuns'])
    expect(methods((await foundBy(record(), run(), { force: true })).stage)).toEqual(['login', 'listRuns'])
    expect(methods((await foundBy(record(), run(), {}, planWith({ defaultBranch: 'main' }))).stage)).toEqual([
      'login',
      'listRuns',
    ])
    const unmarked = await foundBy(record(), run(), {}, planWith({ carriesMarker: false }))
    expect(methods(unmarked.stage)).toEqual(['login', 'listStatuses', 'readCommitRun'])
  })

  test('what was listed stays beside what was recorded', async () => {
    const answers = {
      listRuns: lists(listed({ conclusion: 'failure' })),
      listStatuses: () => ({ ok: true, value: [record()] }),
      readCommitRun: () => ({ ok: true, value: run() }),
    }
    const { event } = await found(withOptions(answers, recording))
    expect(event).toMatchObject({ found: [{ runId: 21 }, { runId: 30 }] })
  })

  test('a reading that fails is journaled', async () => {
    const failed = () => ({ ok: false, failure: failureOf() })
    const statuses = () => ({ ok: true, value: [record()] })
    for (const answers of [{ listStatuses: failed }, { listStatuses: statuses, readCommitRun: failed }]) {
      const { event } = await found(withOptions({ listRuns: lists(), ...answers }, recording))
      expect(event).toMatchObject({ type: 'listing-failed', failure: failureOf() })
    }
  })
})
