import { describe, expect, test } from 'vitest'
import type { FreshnessInput } from '../../../../src/engine/build/plan/freshness.js'
import { isRecent } from '../../../../src/engine/build/plan/freshness.js'
import { findMarkedRun } from '../../../../src/engine/build/plan/marked-runs.js'
import { listingsToPlanWith, runsToPlanWith, workflowsToPlanWith } from '../../../../src/engine/build/plan/plan.js'
import type { CommitRun, CommitStatus, RepositoryRead } from '../../../../src/model/change.js'
import { fingerprints } from '../../../../src/model/build/fingerprint.js'
import { describeRecord } from '../../../../src/model/build/job-record.js'
import { markerOf } from '../../../../src/model/build/marker.js'
import type { Graph } from '../../../../src/model/graph.js'
import type { ListedRun } from '../../../../src/ports/host/builds.js'
import {
  absentReading,
  branch,
  failureOf,
  graphOf,
  planOf,
  planningInput,
  readingOf,
  sha,
  statusOf,
} from '../fixtures.js'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const now = 1_000 * day
const serverUrl = 'https://github.test'
const freshness: FreshnessInput = { login: 'me', now, serverUrl, runs: new Map() }
const one = graphOf({ A: [] })
const chain = graphOf({ A: [], B: ['A'] })

/** A run of acme/A that ended two hours ago, one hour after it was created. */
function run(changes: Partial<CommitRun> = {}): CommitRun {
  const times = { createdAt: now - 3 * hour, updatedAt: now - 2 * hour }
  const result = { headSha: sha('a'), status: 'completed', conclusion: 'success' }
  return { runId: 1, url: `${serverUrl}/run`, workflow: 'build.yml', ...result, ...times, ...changes }
}

function recordFor(graph: Graph, job: string, changes: Partial<CommitStatus> = {}): CommitStatus {
  const heads = { headSha: sha('a'), defaultBranchSha: sha('d') }
  const fingerprint = fingerprints(graph, branch, () => heads).get(job) ?? ''
  return {
    ...statusOf({ state: 'success', creator: 'me', createdAt: now - 2 * hour }),
    description: describeRecord({ orchestration: 'before0001', fingerprint }, 'its run succeeded'),
    context: `orchestrator-build/${job}`,
    targetUrl: `${serverUrl}/acme/${job}/actions/runs/1`,
    ...changes,
  }
}

const built = (graph: Graph, job: string, runChanges: Partial<CommitRun> = {}, record: Partial<CommitStatus> = {}) =>
  readingOf(`acme/${job}`, { jobStatuses: [recordFor(graph, job, record)], runs: [run(runChanges)] })

function judged(graph: Graph, readings: readonly RepositoryRead[], changes: Partial<FreshnessInput> = {}): string[] {
  const { jobs } = planOf(graph, { readings, freshness: { ...freshness, ...changes } })
  return jobs.map(({ job, action, reason }) => `${job} ${action}: ${reason}`)
}

describe('a job and the record of its last build', () => {
  test.each<[string, Partial<CommitRun>, Partial<CommitStatus>, string]>([
    ['a run of another commit', { headSha: sha('b') }, {}, 'run 1 of its record built another commit'],
    ['a run of another workflow', { workflow: 'other.yml' }, {}, 'run 1 of its record is of another workflow'],
    ['a run that runs again', { status: 'queued' }, {}, 'run 1 of its record is running again'],
    ['a run that failed', { conclusion: 'failure' }, {}, 'run 1 of its record did not succeed'],
    ['a record that nobody of orch wrote', {}, { description: 'ok' }, 'its status was not written by orch'],
    ['a record of a stranger', {}, { creator: 'eve' }, 'its record is by eve, who is not trusted'],
    ['a record without an author', {}, { creator: '' }, 'its record is by an unknown user, who is not trusted'],
    [
      'a record of any workflow',
      {},
      { creator: 'github-actions[bot]' },
      'its record is by github-actions[bot], and any workflow can post as that user',
    ],
    [
      'a record of another build',
      {},
      { description: describeRecord({ orchestration: 'before0001', fingerprint: '0'.repeat(64) }, 'ok') },
      'something it needs, its workflow or its inputs changed since it was built',
    ],
    ['a record without a link', {}, { targetUrl: '' }, 'its record does not link to a run of acme/A'],
    ['a record of another job', {}, { context: 'orchestrator-build/B' }, 'never built'],
  ])('%s does not make it fresh', (_, runChanges, record, reason) => {
    expect(judged(one, [built(one, 'A', runChanges, record)])).toEqual([`A run: ${reason}`])
  })

  test('a run that is gone, or was not read, does not make it fresh', () => {
    const without = readingOf('acme/A', { jobStatuses: [recordFor(one, 'A')] })
    expect(judged(one, [without])).toEqual(['A run: run 1 of its record is gone'])
    const runs = new Map([['acme/a#1', { ok: true as const, value: run() }]])
    expect(judged(one, [without], { runs })).toEqual(['A fresh: built 2 h ago by run 1'])
    const unread = new Map([['acme/a#1', { ok: false as const, failure: failureOf() }]])
    expect(judged(one, [without], { runs: unread })).toEqual([
      'A run: run 1 of its record could not be read: GitHub answered 502',
    ])
  })

  test.each([
    [0, 'less than a minute'],
    [59_999, 'less than a minute'],
    [minute, '1 min'],
    [hour - 1, '59 min'],
    [hour, '1 h'],
    [2 * day - 1, '47 h'],
    [2 * day, '2 days'],
    [7 * day, '7 days'],
  ])('the age of a build that ended %i ms ago is shown as %s', (age, text) => {
    const times = { createdAt: now - 10 * day, updatedAt: now - age }
    expect(judged(one, [built(one, 'A', times, { createdAt: now })])).toEqual([`A fresh: built ${text} ago by run 1`])
  })

  test('a build is fresh for as long as the graph file says, and for a week if it does not', () => {
    const brief: Graph = { ...one, freshForMs: hour }
    expect(judged(brief, [built(brief, 'A')])).toEqual(['A run: built 2 h ago, longer than fresh-for (1 h)'])
    expect([isRecent(0, one, 7 * day), isRecent(0, one, 7 * day + 1), isRecent(0, one, null)]).toEqual([
      true,
      false,
      false,
    ])
  })

  test('without the time of GitHub no job is fresh', () => {
    expect(judged(one, [built(one, 'A')], { now: null })).toEqual([
      "A run: GitHub's time is not known, so neither is the age of its last build",
    ])
  })

  test('the plan names the run that a fresh job relies on, with the earlier of the two ends', () => {
    const end = (updatedAt: number, createdAt: number): unknown =>
      planOf(one, { readings: [built(one, 'A', { updatedAt }, { createdAt })], freshness }).jobs[0]?.built
    expect(end(now - 10, now - 20)).toEqual({ runId: 1, url: `${serverUrl}/run`, endedAt: now - 20 })
    expect(end(now - 20, now - 10)).toMatchObject({ endedAt: now - 20 })
  })
})

describe('a job and the builds of its needs', () => {
  test('a need that is built again is the reason, rather than the record that it makes useless', () => {
    const other = describeRecord({ orchestration: 'before0001', fingerprint: '0'.repeat(64) }, 'ok')
    expect(judged(chain, [readingOf('acme/A'), built(chain, 'B', {}, { description: other })])).toEqual([
      'A run: never built',
      'B run: its need A is built again',
    ])
    expect(judged(chain, [readingOf('acme/A'), built(chain, 'B', {}, { creator: 'eve' })])).toEqual([
      'A run: never built',
      'B run: its record is by eve, who is not trusted',
    ])
  })

  test('a build at the same time as that of its need counts, and an older one does not', () => {
    const created = (createdAt: number): RepositoryRead[] => [
      built(chain, 'A', { createdAt: now - 3 * hour }),
      built(chain, 'B', { createdAt }),
    ]
    expect(judged(chain, created(now - 3 * hour))[1]).toBe('B fresh: built 2 h ago by run 1')
    expect(judged(chain, created(now - 3 * hour - 1))[1]).toBe('B run: its need A was built again since')
  })

  test('of several needs the one that was built last counts', () => {
    const joint = graphOf({ A: [], B: [], C: ['A', 'B'], D: ['B', 'A'] })
    const readings = [
      built(joint, 'A', { createdAt: now - 5 * hour }),
      built(joint, 'B', { createdAt: now - 3 * hour }),
      built(joint, 'C', { createdAt: now - 4 * hour }),
      built(joint, 'D', { createdAt: now - 4 * hour }),
    ]
    expect(judged(joint, readings).slice(2)).toEqual([
      'C run: its need B was built again since',
      'D run: its need B was built again since',
    ])
  })

  test('a run that is running again is followed if it began after the build of its need', () => {
    const followed = (createdAt: number): unknown => {
      const readings = [built(chain, 'A'), built(chain, 'B', { status: 'queued', createdAt })]
      return planOf(chain, { readings, freshness }).jobs[1]?.restarted
    }
    expect(followed(now - 3 * hour)).toEqual({ runId: 1, url: `${serverUrl}/run` })
    expect(followed(now - 3 * hour - 1)).toBeUndefined()
    const [alone] = planOf(one, { readings: [built(one, 'A', { status: 'queued' })], freshness }).jobs
    expect(alone?.restarted).toEqual({ runId: 1, url: `${serverUrl}/run` })
  })

  test('a forced job is built, and so are the jobs that need it', () => {
    const readings = [built(chain, 'A'), built(chain, 'B')]
    const reasons = (only: string | null): string[] =>
      planOf(chain, { readings, freshness, force: true, only, postStatus: false }).jobs.map(({ reason }) => reason)
    expect(reasons(null)).toEqual(['--force', '--force'])
    expect(reasons('A')).toEqual(['--force', 'left out by --only A'])
    const two = graphOf({ A: [], B: [] })
    const both = [built(two, 'A'), built(two, 'B')]
    const { jobs } = planOf(two, { readings: both, freshness, force: true, only: 'A', postStatus: false })
    expect(jobs.map(({ action }) => action)).toEqual(['run', 'fresh'])
  })
})

describe('an unlocked change', () => {
  const digest = planOf(one).setDigest.slice(0, 12)
  const status = statusOf({ state: 'success', creator: 'me', description: `run:before0001 set:${digest} ok` })
  const unlocked = (reading: Partial<RepositoryRead>): boolean | undefined =>
    planOf(one, { readings: [{ ...built(one, 'A'), status, ...reading }], freshness }).isUnlocked

  test('a change whose jobs are fresh is unlocked by its success', () => {
    expect(unlocked({})).toBe(true)
    expect(planOf(one, { readings: [{ ...built(one, 'A'), status }] }).isUnlocked).toBeUndefined()
  })

  test('a change that cannot be merged, or has a job to build, is not unlocked', () => {
    const [pullRequest] = readingOf('acme/A').pullRequests
    if (!pullRequest) throw new Error('no pull request')
    expect(unlocked({ pullRequests: [{ ...pullRequest, isDraft: true }] })).toBeUndefined()
    expect(unlocked({ pullRequests: [{ ...pullRequest, mergeability: 'unknown' }] })).toBeUndefined()
    expect(unlocked({ jobStatuses: [] })).toBeUndefined()
  })

  test('a change is not unlocked while one of its heads has no success', () => {
    const graph = graphOf({ A: [], B: [] })
    const set = planOf(graph).setDigest.slice(0, 12)
    const success = { ...status, description: `run:before0001 set:${set} ok` }
    const unlockedWith = (b: CommitStatus | null): boolean | undefined => {
      const readings = [
        { ...built(graph, 'A'), status: success },
        { ...built(graph, 'B'), status: b },
      ]
      return planOf(graph, { readings, freshness }).isUnlocked
    }
    expect([unlockedWith(success), unlockedWith(null)]).toEqual([true, undefined])
  })

  test('a change with a skipped job is unlocked by the success of the others', () => {
    const graph = graphOf({ A: [], B: [] })
    const readings = [built(graph, 'A'), absentReading('acme/B')]
    const set = planOf(graph, { readings }).setDigest.slice(0, 12)
    const success = { ...status, description: `run:before0001 set:${set} ok` }
    const [a, b] = readings
    if (!a || !b) throw new Error('no readings')
    expect(planOf(graph, { readings: [{ ...a, status: success }, b], freshness }).isUnlocked).toBe(true)
  })
})

describe('what is read before a change is planned', () => {
  const unreadable = { kind: 'unreadable', repo: 'acme/B', failure: failureOf() } as const
  const linked = readingOf('acme/A', { jobStatuses: [recordFor(chain, 'A')] })

  test('the runs that records link to are read unless the readings contain them', () => {
    const runsFor = (readings: Parameters<typeof runsToPlanWith>[0]['readings']) =>
      runsToPlanWith({ graph: chain, branch, readings }, { login: 'me', serverUrl })
    expect(runsFor([linked, built(chain, 'B')])).toEqual([{ repo: 'acme/A', runId: 1 }])
    expect(runsFor([{ ...linked, runs: [run({ runId: 2 })] }, absentReading('acme/B')])).toHaveLength(1)
    expect(runsFor([{ ...linked, runs: [run()] }, readingOf('acme/B')])).toEqual([])
    expect(runsFor([linked, unreadable])).toEqual([])
  })

  test('the states of the workflows that are on the default branch are read, each once', () => {
    const twice: Graph = { ...chain, jobs: chain.jobs.map((job) => ({ ...job, repo: 'acme/A' })) }
    expect(workflowsToPlanWith(planningInput(twice, { readings: [readingOf('acme/A')] }))).toEqual([
      { repo: 'acme/A', workflow: 'build.yml' },
    ])
    const file = { workflow: 'build.yml', atHead: 'text', atDefaultBranch: null }
    const readings = [readingOf('acme/A', { workflows: [file] }), readingOf('acme/B', { workflows: [] })]
    expect(workflowsToPlanWith(planningInput(chain, { readings }))).toEqual([])
    expect(workflowsToPlanWith(planningInput(chain, { readings: [readingOf('acme/A'), unreadable] }))).toEqual([])
    const runs = [run({ workflow: 'other.yml', workflowState: 'active' }), run()]
    expect(
      workflowsToPlanWith(planningInput(chain, { readings: [readingOf('acme/A', { runs }), absentReading('acme/B')] })),
    ).toEqual([{ repo: 'acme/A', workflow: 'build.yml' }])
  })

  describe('on a default branch', () => {
    const building: Graph = {
      ...chain,
      jobs: chain.jobs.map((job) => (job.id === 'B' ? { ...job, withoutBranch: 'build' } : job)),
    }
    const workflows = [{ workflow: 'build.yml', atHead: null, atDefaultBranch: 'marked' }]
    const readings = [readingOf('acme/A'), { ...absentReading('acme/B'), workflows }]
    const input = { type: 'text', required: false, hasDefault: false, options: null } as const
    const readTriggers = (text: string) => ({
      kind: 'dispatchable' as const,
      inputs: new Map([['orch_id', input]]),
      ...(text === 'marked' ? { runName: '${{ inputs.orch_id }}' } : {}),
    })
    const fingerprint = planOf(building, { readings, readTriggers }).jobs[1]?.fingerprint ?? ''
    const listings = (graph: Graph, of: Parameters<typeof listingsToPlanWith>[0]['readings']) =>
      listingsToPlanWith({ graph, branch, readings: of, readTriggers })

    test('the runs of the workflow are listed, because no record is posted there', () => {
      const query = { repo: 'acme/B', workflow: 'build.yml', ref: 'main', headSha: sha('d') }
      expect(listings(building, readings)).toEqual([{ job: 'B', fingerprint, query }])
    })

    test('nothing is listed where the branch exists, the workflow shows no marker, or a repository is unreadable', () => {
      expect(listings(building, [readingOf('acme/A'), readingOf('acme/B')])).toEqual([])
      expect(listings(chain, readings)).toEqual([])
      const plain = [{ workflow: 'build.yml', atHead: null, atDefaultBranch: 'plain' }]
      expect(listings(building, [readingOf('acme/A'), { ...absentReading('acme/B'), workflows: plain }])).toEqual([])
      expect(listings(building, [readingOf('acme/A'), unreadable])).toEqual([])
    })

    const marked = (changes: Partial<ListedRun> & { job?: string; print?: string } = {}): ListedRun => {
      const { job = 'B', print = fingerprint, ...rest } = changes
      const title = `build ${markerOf({ origin: 'before0001', job, attempt: 1, fingerprint: print })}`
      return { runId: 5, title, conclusion: 'success', actor: 'Me', ...rest } as ListedRun
    }
    const trust = { ok: true, logins: new Set(['me']) } as const
    const found = (...listed: ListedRun[]): number | null =>
      findMarkedRun(
        { job: 'B', fingerprint, query: { repo: 'acme/B', workflow: 'build.yml', ref: 'main', headSha: '' } },
        listed,
        trust,
      )

    test('the newest successful run of the same build by a trusted user counts', () => {
      expect(found(marked({ runId: 5 }), marked({ runId: 7 }), marked({ runId: 6 }))).toBe(7)
      expect(found()).toBeNull()
    })

    test.each<[string, Parameters<typeof marked>[0]]>([
      ['failed', { conclusion: 'failure' }],
      ['has not ended', { conclusion: null }],
      ['has no actor', { actor: null }],
      ['belongs to a stranger', { actor: 'eve' }],
      ['belongs to any workflow', { actor: 'github-actions[bot]' }],
      ['has no marker', { title: 'build' }],
      ['is of another job', { job: 'A' }],
      ['is of another build', { print: '0'.repeat(64) }],
    ])('a run that %s does not count', (_, changes) => {
      expect(found(marked(changes))).toBeNull()
    })

    test('a job is fresh by the run that was found by its marker, and built without one', () => {
      const runs = new Map([['acme/b#9', { ok: true as const, value: run({ runId: 9, headSha: sha('d') }) }]])
      const reasonOf = (markedRuns?: ReadonlyMap<string, number>): string | undefined => {
        const known = { ...freshness, runs, ...(markedRuns ? { markedRuns } : {}) }
        const onlyB: Graph = { ...building, jobs: building.jobs.map((job) => ({ ...job, needs: [] })) }
        return planOf(onlyB, { readings, readTriggers, freshness: known }).jobs[1]?.reason
      }
      expect(reasonOf(new Map([['B', 9]]))).toBe('built 2 h ago by run 9')
      expect(reasonOf(new Map([['A', 9]]))).toBe('no earlier build of it was found')
      expect(reasonOf()).toBe('no earlier build of it was found')
      const known = { login: 'me', serverUrl, markedRuns: new Map([['B', 9]]) }
      expect(runsToPlanWith({ graph: building, branch, readings }, known)).toEqual([{ repo: 'acme/B', runId: 9 }])
    })
  })
})
