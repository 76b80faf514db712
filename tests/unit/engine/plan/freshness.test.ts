import { describe, expect, test } from 'vitest'
import { readRunLink, trustOf } from '../../../../src/engine/build/plan/job-records.js'
import type { FreshnessInput } from '../../../../src/engine/build/plan/freshness.js'
import type { CommitRun, CommitStatus, RepositoryRead } from '../../../../src/model/change.js'
import { fingerprints } from '../../../../src/model/build/fingerprint.js'
import type { Graph } from '../../../../src/model/graph.js'
import { describeRecord, readRecord } from '../../../../src/model/build/job-record.js'
import type { Plan } from '../../../../src/model/build/plan.js'
import { repositoriesOf } from '../../../../src/model/graph.js'
import { absentReading, branch, diamond, graphOf, planOf, readingOf, sha, statusOf } from '../fixtures.js'

const hour = 3_600_000
const now = 1_000 * hour
const serverUrl = 'https://github.test'
const freshness: FreshnessInput = { login: 'me', now, serverUrl, runs: new Map() }

/** Readings in which every job has a valid record of a build that ended two hours ago. */
function builtReadings(graph: Graph, absent: readonly string[] = []): RepositoryRead[] {
  const bare = repositoriesOf(graph).map((repo) => (absent.includes(repo) ? absentReading(repo) : readingOf(repo)))
  const prints = fingerprints(
    graph,
    branch,
    (repo) => bare.find((reading) => reading.repo === repo) ?? absentReading(repo),
  )
  return bare.map((reading, index) => {
    const job = graph.jobs.find(({ repo }) => repo === reading.repo)
    if (!job || reading.headSha === null) return reading
    const record = recordOf(job.id, prints.get(job.id) ?? '', index)
    return { ...reading, jobStatuses: [record], runs: [runOf(reading.repo, index)] }
  })
}

function recordOf(job: string, fingerprint: string, runId: number): CommitStatus {
  const targetUrl = `${serverUrl}/acme/${job}/actions/runs/${runId + 1}`
  const description = describeRecord({ orchestration: 'before0001', fingerprint }, 'its run succeeded')
  const context = `orchestrator-build/${job}`
  const createdAt = now - 2 * hour
  return { ...statusOf({ state: 'success', description, creator: 'me', createdAt }), context, targetUrl }
}

function runOf(repo: string, index: number): CommitRun {
  const url = `${serverUrl}/${repo}/actions/runs/${index + 1}`
  const times = { createdAt: now - 3 * hour, updatedAt: now - 2 * hour }
  return {
    runId: index + 1,
    url,
    workflow: 'build.yml',
    headSha: sha('a'),
    status: 'completed',
    conclusion: 'success',
    ...times,
  }
}

/** `A run never built` for each job. */
const described = ({ jobs }: Plan): string[] => jobs.map(({ job, action, reason }) => `${job} ${action} ${reason}`)

function changed(
  readings: readonly RepositoryRead[],
  repo: string,
  change: (reading: RepositoryRead) => Partial<RepositoryRead>,
): RepositoryRead[] {
  return readings.map((reading) => (reading.repo === repo ? { ...reading, ...change(reading) } : reading))
}

describe('fresh jobs', () => {
  const graph = graphOf(diamond)

  test('a job with a valid record is fresh, and its age is that of the run', () => {
    expect(described(planOf(graph, { readings: builtReadings(graph), freshness }))).toEqual([
      'A fresh built 2 h ago by run 1',
      'B fresh built 2 h ago by run 2',
      'C fresh built 2 h ago by run 3',
      'D fresh built 2 h ago by run 4',
      'E fresh built 2 h ago by run 5',
    ])
  })

  test('a job is built when one of its needs has no record, also through a skipped job', () => {
    const chain = graphOf({ A: [], B: ['A'], C: ['B'], D: [] })
    const readings = changed(builtReadings(chain, ['acme/B']), 'acme/A', () => ({ jobStatuses: [] }))
    expect(described(planOf(chain, { readings, freshness }))).toEqual([
      'A run never built',
      'D fresh built 2 h ago by run 2',
      'B skip acme/B has no branch DPTA-1',
      'C run its need A is built again',
    ])
  })

  test('a job is built again when its build is older than the last run of its need, also through a skipped job', () => {
    const chain = graphOf({ A: [], B: ['A'], C: ['B'], D: ['A'] })
    const readings = changed(builtReadings(chain, ['acme/B']), 'acme/A', ({ runs = [] }) => ({
      runs: runs.map((run) => ({ ...run, createdAt: run.createdAt + 1_000 })),
    }))
    expect(described(planOf(chain, { readings, freshness }))).toEqual([
      'A fresh built 2 h ago by run 1',
      'B skip acme/B has no branch DPTA-1',
      'D run its need A was built again since',
      'C run its need A was built again since',
    ])
  })

  test('a record of a failure counts if its run has succeeded since, with the time of that success as its age', () => {
    const readings = changed(builtReadings(graph), 'acme/A', ({ jobStatuses = [], runs = [] }) => ({
      jobStatuses: jobStatuses.map((status) => ({ ...status, state: 'failure' as const })),
      runs: runs.map((run) => ({ ...run, updatedAt: now - hour })),
    }))
    expect(described(planOf(graph, { readings, freshness }))[0]).toBe('A fresh built 1 h ago by run 1')
  })

  test('a run that is running again is followed, unless one of its needs is built again', () => {
    const running = (reading: RepositoryRead): Partial<RepositoryRead> => ({
      runs: reading.runs?.map((run) => ({ ...run, status: 'in_progress', conclusion: null })) ?? [],
    })
    const chain = graphOf({ A: [], B: ['A'] })
    const followed = (readings: readonly RepositoryRead[]) =>
      planOf(chain, { readings, freshness }).jobs.map(({ action, restarted }) => [action, restarted?.runId])
    const readings = changed(builtReadings(chain), 'acme/B', running)
    expect(followed(readings)).toEqual([
      ['fresh', undefined],
      ['run', 2],
    ])
    expect(followed(changed(readings, 'acme/A', () => ({ jobStatuses: [] })))).toEqual([
      ['run', undefined],
      ['run', undefined],
    ])
  })

  test('a later update of the run by GitHub does not make a build younger', () => {
    const old = { ...freshness, now: now + 7 * 24 * hour }
    const readings = builtReadings(graph).map((reading) => ({
      ...reading,
      runs: reading.runs?.map((run) => ({ ...run, updatedAt: old.now })) ?? [],
    }))
    expect(described(planOf(graph, { readings, freshness: old }))[0]).toBe(
      'A run built 7 days ago, longer than fresh-for (7 days)',
    )
  })

  test.each([
    ['the login of the token is unknown', { login: null }, /not trusted: GitHub did not return the owner/u],
    ['the token is a GITHUB_TOKEN', { login: 'github-actions[bot]' }, /not trusted: this token is a GITHUB_TOKEN/u],
    ['the time of GitHub is unknown', { now: null }, /time is not known/u],
    ['the records link to another server', { serverUrl: 'https://github.example' }, /does not link to a run/u],
  ])('no job is fresh when %s', (_, changes, reason) => {
    const plan = planOf(graph, { readings: builtReadings(graph), freshness: { ...freshness, ...changes } })
    expect(plan.jobs.map(({ action }) => action)).toEqual(['run', 'run', 'run', 'run', 'run'])
    expect(plan.jobs[0]?.reason).toMatch(reason)
  })

  test('a job is built when the run of its record could not be read', () => {
    const readings = changed(builtReadings(graph), 'acme/A', () => ({ runs: [] }))
    const failure = { kind: 'server-error' as const, message: 'GitHub answered 502' }
    const runs = new Map([['acme/a#1', { ok: false as const, failure }]])
    expect(described(planOf(graph, { readings, freshness: { ...freshness, runs } }))[0]).toBe(
      'A run run 1 of its record could not be read: GitHub answered 502',
    )
  })

  test('a record by any name of the GITHUB_TOKEN is not trusted, even if the graph file names it', () => {
    for (const creator of ['github-actions[bot]', 'GitHub-Actions']) {
      const trusting = { ...graph, trustedAuthors: [creator] }
      const readings = builtReadings(trusting).map((reading) => ({
        ...reading,
        jobStatuses: reading.jobStatuses?.map((status) => ({ ...status, creator })) ?? [],
      }))
      expect(described(planOf(trusting, { readings, freshness }))[0]).toMatch(/any workflow can post as that user/u)
    }
  })
})

describe('unlocked change', () => {
  const graph = graphOf({ A: [] })
  const { setDigest } = planOf(graph)
  const success = statusOf({
    state: 'success',
    creator: 'Me',
    description: `run:before0001 set:${setDigest.slice(0, 12)} ok`,
  })
  const isUnlocked = (status: CommitStatus | null, postStatus = true): boolean | undefined => {
    const readings = builtReadings(graph).map((reading) => ({ ...reading, status }))
    return planOf(graph, { readings, freshness, postStatus }).isUnlocked
  }

  test('a change counts as unlocked by a trusted success for exactly this set', () => {
    expect(isUnlocked(success)).toBe(true)
  })

  test.each([
    ['there is no status', null],
    ['its status is pending', { ...success, state: 'pending' as const }],
    ['an untrusted author wrote its status', { ...success, creator: 'mallory' }],
    ['its status is for another set', { ...success, description: 'run:before0001 set:000000000000 ok' }],
    ['its status names no set', { ...success, description: 'run:before0001 ok' }],
    ['an invalidation wrote its status', { ...success, description: `inv:before0001 set:${setDigest.slice(0, 12)}` }],
  ])('a change does not count as unlocked when %s', (_, status) => {
    expect(isUnlocked(status)).toBeUndefined()
  })
})

describe('link of a record', () => {
  test.each([
    ['https://github.test/acme/A/actions/runs/17', 17],
    ['HTTPS://GITHUB.test/ACME/a/actions/runs/17', 17],
    ['https://github.test/acme/A/actions/runs/17/job/3', null],
    ['https://github.test/acme/A/actions/runs/17?pr=1', null],
    ['https://github.test/acme/A/actions/runs/017', null],
    ['https://github.test/acme/A/actions/runs/99999999999999999', null],
    ['https://github.test/acme/B/actions/runs/17', null],
    ['https://github.test/acme/A/../B/actions/runs/17', null],
    ['https://github.test.evil.test/acme/A/actions/runs/17', null],
    ['https://github.test@evil.test/acme/A/actions/runs/17', null],
    ['//github.test/acme/A/actions/runs/17', null],
    ['', null],
  ])('the link "%s" of a record is read as run %s', (link, runId) => {
    expect(readRunLink(link, serverUrl, 'acme/A')).toBe(runId)
  })
})

describe('job records', () => {
  test('a record keeps its mark when its text is truncated', () => {
    const description = describeRecord({ orchestration: 'before0001', fingerprint: 'ab'.repeat(32) }, 'x'.repeat(300))
    expect(description).toHaveLength(140)
    expect(readRecord(description)).toEqual({ orchestration: 'before0001', fingerprint: 'ab'.repeat(8) })
  })

  test.each(['run:before0001 set:0123456789ab ok', 'inv:before0001 fp:0123456789abcdef', 'ok', ''])(
    'no record is read from the description "%s"',
    (description) => {
      expect(readRecord(description)).toBeNull()
    },
  )

  test('the trusted authors of records are compared without case', () => {
    expect(trustOf({ ...graphOf({ A: [] }), trustedAuthors: ['CI-Robot'] }, null)).toEqual({
      ok: true,
      logins: new Set(['ci-robot']),
    })
  })
})
