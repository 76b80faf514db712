import { describe, expect, test } from 'vitest'
import { checkStatus, noLockReason } from '../../../../src/engine/build/check-status.js'
import type { RepositoryReading, RepositoryRead } from '../../../../src/model/change.js'
import { absentReading, failureOf, graphOf, planOf, pullRequestOf, readingOf, sha, statusOf } from '../fixtures.js'

const graph = graphOf({ A: [], B: ['A'] })
const digest = planOf(graph).setDigest.slice(0, 12)
const success = statusOf({ state: 'success', description: `run:before0001 set:${digest} ok` })
const pending = statusOf({ state: 'pending', description: 'run:before0001 building 2 jobs' })
const failure = statusOf({ state: 'failure', description: 'run:before0001 a build failed' })

const inA = (changes: Partial<RepositoryRead> = {}): RepositoryRead =>
  readingOf('acme/A', { status: success, ...changes })
const inB = (changes: Partial<RepositoryRead> = {}): RepositoryRead =>
  readingOf('acme/B', { status: success, ...changes })
const reasonOf = (...readings: RepositoryReading[]): string | null =>
  noLockReason(checkStatus(graph, 'DPTA-1', readings))

describe('noLockReason', () => {
  test('a green change needs no lock', () => {
    expect(reasonOf(inA(), inB())).toBe('green')
    expect(reasonOf(inA(), inB({ pullRequests: [] }))).toBe('green')
  })

  test.each([
    ['pending', inA({ status: pending }), inB({ status: pending })],
    ['failed', inA({ status: failure }), inB({ status: failure })],
    ['without a status', inA({ status: null }), inB({ status: null })],
    ['without a pull request', inA({ pullRequests: [] }), inB({ pullRequests: [] })],
    ['missing', inA({ status: null }), absentReading('acme/B')],
    ['a branch of another case', inA({ status: pending }), { ...absentReading('acme/B'), caseVariants: ['dpta-1'] }],
  ])('a change needs no lock while its heads are locked: %s', (_, a, b) => {
    expect(reasonOf(a, b)).toBe('no-success')
  })

  test.each([
    ['is for another set', inB({ headSha: sha('b'), pullRequests: [pullRequestOf('acme/B', { headSha: sha('b') })] })],
    ['has no digest', inB({ status: { ...success, description: 'by hand' } })],
    ['has beside it a head without a status', inB({ status: null })],
    ['has beside it a pending head', inB({ status: pending })],
    ['has beside it a draft', inB({ pullRequests: [pullRequestOf('acme/B', { isDraft: true })] })],
    ['has beside it a conflict', inB({ pullRequests: [pullRequestOf('acme/B', { mergeability: 'conflicting' })] })],
    ['has beside it a branch of another case', { ...absentReading('acme/B'), caseVariants: ['dpta-1'] }],
    ['is without the branch of the other', absentReading('acme/B')],
  ])('a change has to be locked if a success %s', (_, other) => {
    expect(reasonOf(inA(), other)).toBeNull()
  })

  test('a change has to be locked if a repository could not be read, although no success is known', () => {
    const unreadable = { kind: 'unreadable', repo: 'acme/B', failure: failureOf() } as const
    expect(reasonOf(inA({ status: pending }), unreadable)).toBeNull()
  })

  test('a change has to be locked if a pull request is at another head than its branch', () => {
    const moved = inB({ status: null, pullRequests: [pullRequestOf('acme/B', { headSha: sha('b') })] })
    expect(reasonOf(inA({ status: pending }), moved)).toBeNull()
  })
})
