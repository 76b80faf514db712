import { describe, expect, test } from 'vitest'
import { checkStatus } from '../../../src/engine/build/check-status.js'
import type { EndedPullRequest, RepositoryRead, RepositoryReading } from '../../../src/model/change.js'
import type { ChangeStatus } from '../../../src/model/change-status.js'
import type { Graph } from '../../../src/model/graph.js'
import { setDigest } from '../../../src/model/set-digest.js'
import { setEntries } from '../../../src/model/build/commit-to-build.js'
import { absentReading, failureOf, graphOf, planOf, pullRequestOf, readingOf, sha, statusOf } from './fixtures.js'

const graph = graphOf({ A: [], B: ['A'] })
const digestOf = (...readings: RepositoryRead[]): string => planOf(graph, { readings }).setDigest.slice(0, 12)
const both = digestOf(readingOf('acme/A'), readingOf('acme/B'))
const success = (digest: string) => statusOf({ state: 'success', description: `run:before0001 set:${digest} ok` })
const reading = (repo: string, changes: Partial<RepositoryRead> = {}): RepositoryRead =>
  readingOf(repo, { status: success(both), ...changes })
const check = (a: RepositoryReading, b: RepositoryReading, of: Graph = graph): ChangeStatus =>
  checkStatus(of, 'DPTA-1', [a, b])
const verdict = (a: Partial<RepositoryRead>, b: Partial<RepositoryRead> = {}): string =>
  check(reading('acme/A', a), reading('acme/B', b)).verdict

describe('the verdict of a change', () => {
  test('it is green where each head has the success of exactly this change', () => {
    expect(verdict({})).toBe('green')
    expect(verdict({}, { pullRequests: [], status: null })).toBe('green')
  })

  test.each<[string, Partial<RepositoryRead>, string]>([
    ['a success of another change', { status: success('000000000000') }, 'not-green'],
    ['a success by hand', { status: statusOf({ state: 'success', description: 'by hand' }) }, 'not-green'],
    ['a failure', { status: statusOf({ state: 'failure', description: 'run:before0001 A failed' }) }, 'not-green'],
    ['an error', { status: statusOf({ state: 'error', description: 'run:before0001 superseded' }) }, 'not-green'],
    ['a claim', { status: statusOf({ description: 'run:before0001 building' }) }, 'pending'],
    ['no status', { status: null }, 'pending'],
    ['a draft', { pullRequests: [pullRequestOf('acme/A', { isDraft: true })] }, 'pending'],
    ['a conflict', { pullRequests: [pullRequestOf('acme/A', { mergeability: 'conflicting' })] }, 'pending'],
    [
      'a mergeability that is not known',
      { pullRequests: [pullRequestOf('acme/A', { mergeability: 'unknown' })] },
      'green',
    ],
    ['a pull request at another head', { pullRequests: [pullRequestOf('acme/A', { headSha: sha('b') })] }, 'pending'],
    ['a stacked pull request', { pullRequests: [pullRequestOf('acme/A', { baseRef: 'DPTA-2' })] }, 'not-green'],
  ])('%s', (_, a, expected) => {
    expect(verdict(a)).toBe(expected)
  })

  test('a change without a pull request, or with what could not be read, is not green', () => {
    expect(verdict({ pullRequests: [], status: null }, { pullRequests: [], status: null })).toBe('not-green')
    const unreadable = { kind: 'unreadable', repo: 'acme/B', failure: failureOf() } as const
    for (const a of [reading('acme/A'), reading('acme/A', { status: null })])
      expect(check(a, unreadable).verdict).toBe('not-green')
    expect(check(reading('acme/A'), { ...absentReading('acme/B'), caseVariants: ['dpta-1'] }).verdict).toBe('not-green')
  })

  test('a stacked pull request that the graph file allows is an ordinary one', () => {
    const allowing: Graph = { ...graph, stackedPullRequests: 'allow' }
    const pullRequests = [pullRequestOf('acme/A', { baseRef: 'DPTA-2' })]
    const readings = [readingOf('acme/A', { pullRequests }), readingOf('acme/B')]
    const set = planOf(allowing, { readings }).setDigest.slice(0, 12)
    const status = success(set)
    expect(check(reading('acme/A', { pullRequests, status }), reading('acme/B', { status }), allowing).verdict).toBe(
      'green',
    )
  })
})

describe('the rows of a change', () => {
  test('a member has its head, its status, and whether that is for this change', () => {
    const rows = check(
      reading('acme/A', { isAhead: true }),
      reading('acme/B', { status: success('000000000000') }),
    ).repositories
    expect(rows[0]).toEqual({
      kind: 'member',
      repo: 'acme/A',
      headSha: sha('a'),
      pullRequests: [pullRequestOf('acme/A')],
      isAhead: true,
      blockers: [],
      otherBases: [],
      status: success(both),
      digestMatches: true,
      isBaseUnknown: false,
    })
    expect(rows[1]).toMatchObject({ isAhead: false, digestMatches: false, isBaseUnknown: false })
  })

  test('a status without a digest, or a change that could not be read whole, leaves it open whether it matches', () => {
    expect(check(reading('acme/A', { status: null }), reading('acme/B')).repositories[0]).toMatchObject({
      digestMatches: null,
    })
    const unreadable = { kind: 'unreadable', repo: 'acme/B', failure: failureOf() } as const
    const { repositories, setDigest: digest, branch, statusContext } = check(reading('acme/A'), unreadable)
    expect({ digest, branch, statusContext }).toEqual({
      digest: null,
      branch: 'DPTA-1',
      statusContext: 'orchestrator-build',
    })
    expect(repositories[0]).toMatchObject({ digestMatches: null, isBaseUnknown: false })
    expect(repositories[1]).toEqual({ kind: 'unreadable', repo: 'acme/B', failure: failureOf() })
  })

  test('a digest of an older version, which did not record the bases, is recognized', () => {
    const readings = [readingOf('acme/A'), readingOf('acme/B')]
    const older = setDigest(setEntries(graph, readings).map((entry) => ({ ...entry, bases: [] }))).slice(0, 12)
    const { repositories, verdict: result } = check(reading('acme/A', { status: success(older) }), reading('acme/B'))
    expect(repositories[0]).toMatchObject({ digestMatches: null, isBaseUnknown: true })
    expect(result).toBe('not-green')
  })

  test('what prevents the merge, and other bases, are part of the row', () => {
    const pullRequests = [pullRequestOf('acme/A', { isDraft: true, baseRef: 'release' })]
    expect(check(reading('acme/A', { pullRequests }), reading('acme/B')).repositories[0]).toMatchObject({
      blockers: [{ kind: 'draft', number: 1 }],
      otherBases: [{ baseRef: 'release', stacked: null }],
    })
  })

  const building: Graph = {
    ...graph,
    jobs: graph.jobs.map((job) => (job.id === 'B' ? { ...job, withoutBranch: 'build' } : job)),
  }
  const built = { defaultBranch: 'main', headSha: sha('d') }

  test('a repository without the branch is absent, with the commit of its default branch if that is built', () => {
    const rowOf = (of: Graph): unknown => check(reading('acme/A'), absentReading('acme/B'), of).repositories[1]
    expect(rowOf(graph)).toEqual({ kind: 'absent', repo: 'acme/B' })
    expect(rowOf(building)).toEqual({ kind: 'absent', repo: 'acme/B', built })
  })

  test('a merged branch is shown with its pull requests', () => {
    const ended: EndedPullRequest = {
      ...{ number: 7, url: 'https://github.test/acme/B/pull/7', isMerged: true },
      ...{ headSha: sha('a'), baseRef: 'main' },
    }
    const leftover = readingOf('acme/B', { pullRequests: [], endedPullRequests: [ended] })
    const merged = { headSha: sha('a'), pullRequests: [{ number: 7, url: ended.url, baseRef: 'main' }] }
    expect(check(reading('acme/A'), leftover).repositories[1]).toEqual({
      kind: 'merged',
      repo: 'acme/B',
      defaultBranch: 'main',
      merged,
    })
    expect(check(reading('acme/A'), leftover, building).repositories[1]).toMatchObject({ kind: 'merged', built })
  })

  test('a branch that differs only in case is shown where the branch itself is absent', () => {
    const near = { ...absentReading('acme/B'), caseVariants: ['dpta-1'] }
    expect(check(reading('acme/A'), near).repositories[1]).toEqual({
      kind: 'near-miss',
      repo: 'acme/B',
      branches: ['dpta-1'],
    })
    expect(check(reading('acme/A'), reading('acme/B', { caseVariants: ['dpta-1'] })).repositories[1]).toMatchObject({
      kind: 'member',
    })
  })
})
