import { describe, expect, test } from 'vitest'
import { checkStatus } from '../../../../src/engine/build/check-status.js'
import { planChange } from '../../../../src/engine/build/plan/plan.js'
import { compareReadings } from '../../../../src/engine/build/verify/verify.js'
import type { EndedPullRequest, RepositoryRead } from '../../../../src/model/change.js'
import { absentReading, fold, graphOf, planOf, planningInput, pullRequestOf, readingOf, sha } from '../fixtures.js'

const graph = graphOf({ A: [], B: ['A'] })

const ended = (changes: Partial<EndedPullRequest> = {}): EndedPullRequest => ({
  number: 7,
  url: 'https://github.test/acme/A/pull/7',
  isMerged: true,
  headSha: sha('a'),
  baseRef: 'main',
  ...changes,
})
const leftover = (...pulls: EndedPullRequest[]): RepositoryRead =>
  readingOf('acme/A', { pullRequests: [], endedPullRequests: pulls })
const actions = (reading: RepositoryRead): string[] =>
  planOf(graph, { readings: [reading, readingOf('acme/B')] }).jobs.map(({ action }) => action)

describe('a merged branch', () => {
  test('the job of a merged branch is skipped with its pull request as the reason, and the default branch counts', () => {
    const plan = planOf(graph, { readings: [leftover(ended()), readingOf('acme/B')] })
    expect(plan.jobs[0]).toMatchObject({
      action: 'skip',
      headSha: null,
      reason: 'acme/A#7 was merged at the head of the branch, so main counts',
    })
    expect(plan.members.map(({ repo }) => repo)).toEqual(['acme/B'])
    expect(plan.absent).toEqual([
      {
        repo: 'acme/A',
        defaultBranch: 'main',
        defaultBranchSha: sha('d'),
        merged: {
          headSha: sha('a'),
          pullRequests: [{ number: 7, url: 'https://github.test/acme/A/pull/7', baseRef: 'main' }],
        },
      },
    ])
    const without = planOf(graph, { readings: [absentReading('acme/A'), readingOf('acme/B')] })
    expect(plan.setDigest).toBe(without.setDigest)
    expect(plan.jobs.map(({ fingerprint }) => fingerprint)).toEqual(without.jobs.map(({ fingerprint }) => fingerprint))
  })

  test.each([
    ['it was merged at another head', [ended({ headSha: sha('b') })]],
    ['it was closed without being merged', [ended({ isMerged: false })]],
    ['another one at the same head was closed without being merged', [ended(), ended({ number: 8, isMerged: false })]],
    ['it was merged into a branch other than the default branch', [ended({ baseRef: 'release' })]],
    ['there is none', []],
  ])('a branch is a member where %s', (_, pulls) => {
    expect(actions(leftover(...pulls))).toEqual(['run', 'run'])
  })

  test('a branch with an open pull request is a member, although another one was merged at its head', () => {
    const reading = readingOf('acme/A', { endedPullRequests: [ended()] })
    expect(actions(reading)).toEqual(['run', 'run'])
  })

  test('a branch is a member where the ended pull requests were not read', () => {
    expect(actions(readingOf('acme/A', { pullRequests: [] }))).toEqual(['run', 'run'])
  })

  test.each([
    ['an earlier one was merged at an earlier head', [ended({ number: 5, headSha: sha('b') }), ended()]],
    [
      'an earlier one was closed at an earlier head',
      [ended({ number: 5, headSha: sha('b'), isMerged: false }), ended()],
    ],
    ['another one was merged into a release branch', [ended({ number: 5, baseRef: 'release' }), ended()]],
  ])('a branch counts as merged where %s', (_, pulls) => {
    expect(actions(leftover(...pulls))).toEqual(['skip', 'run'])
  })

  test('a change whose branches are all merged is refused with the pull requests', () => {
    const planning = planChange(planningInput(graph, { readings: [leftover(ended()), absentReading('acme/B')] }))
    expect(planning).toMatchObject({
      kind: 'refused',
      problems: [{ kind: 'merged-everywhere', message: 'every pull request of DPTA-1 is merged: acme/A#7' }],
    })
  })

  test('--only refuses a job whose branch is merged', () => {
    const readings = [leftover(ended()), readingOf('acme/B')]
    const planning = planChange(planningInput(graph, { readings, only: 'A', postStatus: false }))
    expect(planning).toMatchObject({
      kind: 'refused',
      problems: [{ message: '--only A names a job whose repository has only a merged branch DPTA-1' }],
    })
  })

  test('orch status shows a merged branch, and the digest of the others is that without it', () => {
    const readings = [leftover(ended()), readingOf('acme/B')]
    const status = checkStatus(graph, 'DPTA-1', readings)
    expect(status.repositories[0]).toMatchObject({
      kind: 'merged',
      defaultBranch: 'main',
      merged: { headSha: sha('a') },
    })
    expect(status.setDigest).toBe(planOf(graph, { readings }).setDigest)
  })
})

describe('the second reading', () => {
  const plan = planOf(graph, { readings: [leftover(ended()), readingOf('acme/B', { pullRequests: [] })] })
  const second = (reading: RepositoryRead) =>
    compareReadings(fold(plan, []), 'while-building', {
      readings: [reading, readingOf('acme/B', { pullRequests: [] })],
      vanished: new Map(),
      histories: null,
    })

  test.each([
    ['is still there', readingOf('acme/A', { pullRequests: [] })],
    ['was deleted', absentReading('acme/A')],
  ])('a merged branch that %s did not move', (_, reading) => {
    expect(second(reading)).toEqual({ kind: 'unchanged', merged: [] })
  })

  test('a new commit on a merged branch ends the orchestration', () => {
    expect(second(readingOf('acme/A', { headSha: sha('c'), pullRequests: [] }))).toMatchObject({
      kind: 'moved',
      findings: [{ kind: 'branch-appeared', message: 'the merged branch of acme/A has the new commit c000000' }],
    })
  })

  test('a new pull request of a merged branch ends the orchestration', () => {
    expect(second(readingOf('acme/A', { pullRequests: [pullRequestOf('acme/A', { number: 9 })] }))).toMatchObject({
      kind: 'moved',
      findings: [{ kind: 'pull-request-opened', message: 'acme/A#9 was opened for the merged branch' }],
    })
  })
})

describe('a branch that differs only in case', () => {
  const near = (repo: string): RepositoryRead => ({ ...absentReading(repo), caseVariants: ['dpta-1'] })

  test('refuses the plan with each repository that has it', () => {
    const readings = [readingOf('acme/A'), near('acme/B')]
    expect(planChange(planningInput(graph, { readings }))).toMatchObject({
      kind: 'refused',
      problems: [
        {
          kind: 'near-miss',
          repo: 'acme/B',
          message: 'acme/B has no branch DPTA-1, but it has dpta-1, which differs only in case',
        },
      ],
    })
  })

  test('is one message where no repository has the branch itself', () => {
    expect(planChange(planningInput(graph, { readings: [near('acme/A'), near('acme/B')] }))).toMatchObject({
      kind: 'refused',
      problems: [{ kind: 'absent-everywhere' }],
    })
  })

  test('orch status is not green', () => {
    const status = checkStatus(graph, 'DPTA-1', [readingOf('acme/A'), near('acme/B')])
    expect(status).toMatchObject({
      verdict: 'not-green',
      repositories: [{}, { kind: 'near-miss', branches: ['dpta-1'] }],
    })
  })
})
