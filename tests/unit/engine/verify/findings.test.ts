import { describe, expect, test } from 'vitest'
import { carryOurClaims } from '../../../../src/engine/build/verify/compare-statuses.js'
import { byRepository } from '../../../../src/engine/build/verify/second-reading.js'
import type { SecondReading } from '../../../../src/engine/build/verify/second-reading.js'
import { compareReadings } from '../../../../src/engine/build/verify/verify.js'
import type { ListedStatus, PullRequestState, RepositoryRead } from '../../../../src/model/change.js'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import type { VerificationResult, VerificationStage } from '../../../../src/model/build/state/verification.js'
import type { Graph } from '../../../../src/model/graph.js'
import {
  absentReading,
  claimed,
  fold,
  graphOf,
  orchestrationId,
  planOf,
  pullRequestOf,
  readingOf,
  sha,
  statusOf,
} from '../fixtures.js'

const graph = graphOf({ A: [], B: [] })
const own = `run:${orchestrationId}`
const ownClaim = statusOf({ id: 5, description: `${own} building` })
const foreign = (
  id: number,
  text = 'run:other12345 building',
  state: ListedStatus['state'] = 'pending',
): ListedStatus => statusOf({ id, state, description: text })

/** A is claimed with the status 5; B does not have the branch. */
const planned = (planReadings = [readingOf('acme/A'), absentReading('acme/B')], of: Graph = graph): Orchestration =>
  fold(planOf(of, { readings: planReadings }), [claimed('acme/A', 5)])

interface Later {
  stage?: VerificationStage
  a?: Partial<RepositoryRead>
  b?: RepositoryRead
  vanished?: PullRequestState
  history?: ListedStatus[] | null
  orchestration?: Orchestration
}

function compare({
  stage = 'before-success',
  a = {},
  b,
  vanished,
  history = [ownClaim],
  orchestration,
}: Later): VerificationResult {
  const second: SecondReading = {
    readings: [readingOf('acme/A', a), b ?? absentReading('acme/B')],
    vanished: new Map(vanished ? [[`acme/a#${vanished.number}`, vanished]] : []),
    histories: history && new Map([['acme/a', history]]),
  }
  return compareReadings(orchestration ?? planned(), stage, second)
}

/** `kind repo: message` of each finding. */
function findingsOf(later: Later): string[] {
  const result = compare(later)
  if (result.kind !== 'moved') throw new Error(`it is ${result.kind}`)
  return result.findings.map(({ kind, repo, message }) => `${kind} ${repo}: ${message}`)
}

const gone = { pullRequests: [] }
const merged: PullRequestState = { number: 1, state: 'merged', headSha: sha('a'), baseRef: 'main' }

describe('findings of a second reading', () => {
  test.each<[string, Later, string[]]>([
    ['a moved head', { a: { headSha: sha('b') } }, ['head-moved acme/A: acme/A moved from a000000 to b000000']],
    ['a branch that is gone', { a: { headSha: null } }, ['branch-gone acme/A: the branch is gone from acme/A']],
    [
      'a branch that appeared',
      { b: readingOf('acme/B', gone) },
      ['branch-appeared acme/B: the branch appeared in acme/B at a000000'],
    ],
    [
      'a closed pull request',
      { a: gone, vanished: { ...merged, state: 'closed' } },
      ['pull-request-closed acme/A: acme/A#1 was closed'],
    ],
    [
      'another base',
      { a: { pullRequests: [pullRequestOf('acme/A', { baseRef: 'next' })] } },
      ['pull-request-retargeted acme/A: acme/A#1 now merges into next instead of main'],
    ],
    [
      'a merge into another base',
      { a: gone, vanished: { ...merged, baseRef: 'next' } },
      ['pull-request-retargeted acme/A: acme/A#1 was merged into next instead of main'],
    ],
    [
      'a merge at another head',
      { a: gone, vanished: { ...merged, headSha: sha('c') } },
      ['head-moved acme/A: acme/A#1 was merged at c000000, which was not tested'],
    ],
    [
      'a merge beside a branch that appeared',
      { a: gone, vanished: merged, b: readingOf('acme/B', gone) },
      [
        'pull-request-merged acme/A: acme/A#1 was merged',
        'branch-appeared acme/B: the branch appeared in acme/B at a000000',
      ],
    ],
    [
      'a second pull request into another base',
      { a: { pullRequests: [pullRequestOf('acme/A'), pullRequestOf('acme/A', { number: 2, baseRef: 'release' })] } },
      ['pull-request-opened acme/A: acme/A#2 was opened for this branch'],
    ],
    [
      'a head that another branch shares',
      {
        a: {
          sameHead: [
            pullRequestOf('acme/A', { number: 8, isFork: true }),
            pullRequestOf('acme/A', { number: 9, headRef: 'x' }),
          ],
        },
      },
      ['head-shared acme/A: acme/A#9 of branch x has the same head commit'],
    ],
    [
      'an invalidation',
      { history: [foreign(6, 'inv:abcdef12 pushed'), ownClaim] },
      ['status-replaced acme/A: acme/A was invalidated (inv:abcdef12)'],
    ],
    [
      'a status of a person',
      { history: [foreign(6, 'by hand', 'success'), ownClaim] },
      ['status-replaced acme/A: the status on acme/A was set to success outside this orchestration'],
    ],
    [
      'a newer orchestration',
      { history: [foreign(6), ownClaim] },
      ['newer-claim acme/A: the orchestration other12345 claimed acme/A'],
    ],
    [
      'no status at all',
      { history: [] },
      ['status-replaced acme/A: the status of this orchestration on acme/A no longer exists'],
    ],
    [
      'only statuses from before the claim, of which the newest is of an older orchestration',
      { history: [foreign(4)] },
      ['status-replaced acme/A: the orchestration other12345 claimed acme/A'],
    ],
  ])('%s is reported with what happened', (_, later, expected) => {
    expect(findingsOf(later)).toEqual(expected)
  })

  test('a merge at the tested commit names its pull request', () => {
    expect(compare({ a: gone, vanished: merged })).toEqual({
      kind: 'unchanged',
      merged: [{ kind: 'pull-request-merged', repo: 'acme/A', message: 'acme/A#1 was merged', pullRequest: 1 }],
    })
  })

  test('a member without a pull request may share its head', () => {
    const orchestration = fold(planOf(graph, { readings: [readingOf('acme/A', gone), absentReading('acme/B')] }), [])
    const sameHead = [pullRequestOf('acme/A', { number: 9, headRef: 'x' })]
    expect(compare({ orchestration, a: { ...gone, sameHead }, history: null }).kind).toBe('unchanged')
  })

  test('a branch that was deleted with another pull request than the merged one is gone only without a merge', () => {
    const two = [pullRequestOf('acme/A'), pullRequestOf('acme/A', { number: 2, baseRef: 'release' })]
    const orchestration = planned([readingOf('acme/A', { pullRequests: two }), absentReading('acme/B')])
    expect(findingsOf({ orchestration, a: { headSha: null, ...gone }, vanished: merged })).toEqual([
      'pull-request-merged acme/A: acme/A#1 was merged',
      'pull-request-closed acme/A: acme/A#2 was closed',
    ])
  })

  test('a repository that was not read again is a bug', () => {
    const second = { readings: [readingOf('acme/A')], vanished: new Map(), histories: null }
    expect(() => compareReadings(planned(), 'before-success', second)).toThrow('acme/B was not read again')
  })
})

describe('a member without a pull request', () => {
  const second = pullRequestOf('acme/A', { number: 2 })
  const withoutPull = (): Orchestration =>
    fold(planOf(graph, { readings: [readingOf('acme/A', gone), absentReading('acme/B')] }), [])

  test('a status of another writer on its head counts only when a pull request joins there', () => {
    const status = foreign(9, 'by hand')
    const orchestration = withoutPull()
    const history = [status]
    expect(compare({ orchestration, a: { ...gone, status }, history }).kind).toBe('unchanged')
    expect(findingsOf({ orchestration, a: { pullRequests: [second], status }, history })).toEqual([
      'status-replaced acme/A: the status on acme/A was set to pending outside this orchestration',
    ])
    expect(findingsOf({ orchestration, a: { ...gone, headSha: sha('b'), status }, history })).toEqual([
      'head-moved acme/A: acme/A moved from a000000 to b000000',
    ])
    expect(compare({ orchestration, a: { pullRequests: [second], status, lag: 'older' } }).kind).toBe('unsettled')
  })

  test('a pull request into the default branch joins although an older journal does not name that branch', () => {
    const orchestration = withoutPull()
    const members = orchestration.plan.members.map(({ repo, headSha, pullRequests }) => ({
      repo,
      headSha,
      pullRequests,
    }))
    const older = { ...orchestration, plan: { ...orchestration.plan, members } }
    expect(compare({ orchestration: older, a: { pullRequests: [second] } }).kind).toBe('joined')
  })
})

describe('a default branch that is built', () => {
  const building: Graph = {
    ...graph,
    jobs: graph.jobs.map((job) => (job.id === 'B' ? { ...job, withoutBranch: 'build' } : job)),
  }
  const file = { workflow: 'build.yml', atHead: null, atDefaultBranch: 'text' }
  const absent = (defaultBranchSha: string | null): RepositoryRead => ({
    ...absentReading('acme/B'),
    workflows: [file],
    defaultBranchSha,
  })
  const orchestration = planned([readingOf('acme/A'), absent(sha('d'))], building)

  test.each<[VerificationStage, string]>([
    ['while-building', 'moved'],
    ['before-success', 'moved'],
    ['after-success', 'unchanged'],
    ['after-revocation', 'unchanged'],
  ])('a move is a finding %s: %s', (stage, kind) => {
    expect(compare({ stage, orchestration, b: absent(sha('e')), history: null }).kind).toBe(kind)
  })

  test('its move is reported with both commits', () => {
    expect(findingsOf({ orchestration, b: absent(sha('e')) })).toEqual([
      'head-moved acme/B: main of acme/B, which is built, moved from d000000 to e000000',
    ])
    expect(findingsOf({ orchestration, b: absent(null) })).toEqual([
      'head-moved acme/B: main of acme/B, which is built, moved from d000000 to nothing',
    ])
  })
})

describe('answers that disagree', () => {
  const open = { ...merged, state: 'open' } as const

  test.each<[string, Later, string]>([
    [
      'a pull request that is open by one answer only',
      { a: gone, vanished: open },
      'acme/a#1 is open, but not among the open pull requests of the branch',
    ],
    ['an answer that lags', { a: { lag: 'older than before' } }, 'acme/A: older than before'],
    [
      'a repository without the branch whose answer lags',
      { b: { ...absentReading('acme/B'), lag: 'older than before' } },
      'acme/B: older than before',
    ],
    [
      'a pull request behind its branch',
      { a: { pullRequests: [pullRequestOf('acme/A', { headSha: sha('0') })] } },
      'acme/A#1 shows the head 0000000, its branch a000000',
    ],
    [
      'a newest status that the later listing does not have',
      { a: { status: statusOf({ id: 9, description: `${own} building`, createdAt: 5_000 }) } },
      'acme/A shows a status that is not among those of its head',
    ],
  ])('%s is described', (_, later, reason) => {
    expect(compare(later)).toEqual({ kind: 'unsettled', reason })
  })

  test('a newest status that is listed, or older than everything that is listed, is no disagreement', () => {
    expect(compare({ a: { status: ownClaim } }).kind).toBe('unchanged')
    expect(compare({ a: { status: null } }).kind).toBe('unchanged')
    const old = statusOf({ id: 1, description: 'by hand', createdAt: -1_000 })
    expect(compare({ a: { status: old } }).kind).toBe('unchanged')
    const asOld = statusOf({ id: 1, description: 'by hand', createdAt: 0 })
    expect(compare({ a: { status: asOld } }).kind).toBe('unsettled')
  })
})

describe('what prevents the merge of the set', () => {
  const draft = { pullRequests: [pullRequestOf('acme/A', { isDraft: true })] }
  const unknown = { pullRequests: [pullRequestOf('acme/A', { mergeability: 'unknown' as const })] }

  test.each<[VerificationStage, Partial<RepositoryRead>, string]>([
    ['before-success', draft, 'blocked'],
    ['after-success', draft, 'blocked'],
    ['while-building', draft, 'unchanged'],
    ['after-revocation', draft, 'unchanged'],
    ['before-success', unknown, 'blocked'],
    ['after-success', unknown, 'unchanged'],
  ])('%s it counts where success depends on it', (stage, a, kind) => {
    expect(compare({ stage, a }).kind).toBe(kind)
  })

  test('it is named beside the pull requests that are merged', () => {
    const two = [pullRequestOf('acme/A'), pullRequestOf('acme/A', { number: 2, baseRef: 'release' })]
    const orchestration = planned([readingOf('acme/A', { pullRequests: two }), absentReading('acme/B')])
    const a = { pullRequests: [{ ...pullRequestOf('acme/A', { number: 2, baseRef: 'release' }), isDraft: true }] }
    expect(compare({ orchestration, a, vanished: merged })).toMatchObject({
      kind: 'blocked',
      blockers: [{ kind: 'draft', repo: 'acme/A', number: 2 }],
      merged: [{ pullRequest: 1 }],
    })
  })

  test('a member that is ahead without a pull request holds the set if the graph file says so', () => {
    const holding: Graph = { ...graph, membersWithoutPullRequest: 'hold' }
    const readings = [readingOf('acme/A'), readingOf('acme/B', { ...gone, isAhead: true })]
    const b = readingOf('acme/B', { ...gone, isAhead: true })
    expect(compare({ orchestration: planned(readings, holding), b }).kind).toBe('blocked')
    expect(compare({ orchestration: planned(readings), b }).kind).toBe('unchanged')
  })
})

describe('statuses of other orchestrations', () => {
  const overtaken = (history: ListedStatus[], stage: VerificationStage = 'before-success'): VerificationResult =>
    compare({ stage, history })

  test('a head whose newest status is of an older orchestration is claimed again', () => {
    const older = foreign(4)
    expect(overtaken([foreign(7, 'run:other12345 superseded', 'error'), ownClaim, older])).toEqual({
      kind: 'overtaken',
      repos: ['acme/A'],
      by: ['other12345'],
    })
  })

  test('after success a status of an older orchestration between our claim and our success counts for nothing', () => {
    const orchestration = fold(planOf(graph, { readings: [readingOf('acme/A'), absentReading('acme/B')] }), [
      claimed('acme/A', 5),
      claimed('acme/A', 9, 'success'),
    ])
    const success = statusOf({ id: 9, state: 'success', description: `${own} set:000000000000 ok` })
    const at = (id: number): ListedStatus[] =>
      [success, foreign(id, 'run:other12345 superseded', 'error'), ownClaim, foreign(4)].sort(
        (one, other) => other.id - one.id,
      )
    expect(compare({ orchestration, stage: 'after-success', history: at(7) }).kind).toBe('unchanged')
    expect(findingsOf({ orchestration, stage: 'after-success', history: at(10) })).toEqual([
      'status-replaced acme/A: the orchestration other12345 claimed acme/A',
    ])
  })

  test('a claim whose answer was lost counts from the first status of ours', () => {
    const first = statusOf({ id: 3, description: `${own} building` })
    expect(findingsOf({ history: [ownClaim, foreign(4), first] })).toEqual([
      'newer-claim acme/A: the orchestration other12345 claimed acme/A',
    ])
  })

  test('a claim of ours that was replaced by a later one of ours is kept until success', () => {
    const later = statusOf({ id: 8, description: `${own} building` })
    expect(compare({ history: [later] }).kind).toBe('unchanged')
    expect(compare({ history: [later], stage: 'after-success' }).kind).toBe('moved')
  })
})

describe('claims that need no listing', () => {
  const shown = (a: Partial<RepositoryRead>, orchestration = planned()): boolean =>
    carryOurClaims(orchestration, byRepository([readingOf('acme/A', a), absentReading('acme/B')]))
  const base = planned()

  test('a head whose newest status is our confirmed claim needs none', () => {
    expect(shown({ status: statusOf({ id: 5, description: 'run:run0000001 building' }) })).toBe(true)
  })

  test.each<[string, Partial<RepositoryRead>, Orchestration]>([
    ['there is no status', { status: null }, base],
    ['the newest status is another one', { status: statusOf({ id: 6 }) }, base],
    ['the head moved', { status: statusOf({ id: 5 }), headSha: sha('b') }, base],
    ['the orchestration was resumed', { status: statusOf({ id: 5 }) }, { ...base, isResumed: true }],
    ['an older orchestration is known', { status: statusOf({ id: 5 }) }, { ...base, olderClaims: ['other12345'] }],
  ])('the statuses are listed where %s', (_, a, orchestration) => {
    expect(shown(a, orchestration)).toBe(false)
  })

  test('the statuses are listed where a head is not claimed, or another writer posted on a head that joins', () => {
    const unclaimed = fold(planOf(graph, { readings: [readingOf('acme/A'), absentReading('acme/B')] }), [])
    expect(shown({ status: statusOf({ id: 5 }) }, unclaimed)).toBe(false)
    const readings = [readingOf('acme/A'), readingOf('acme/B', gone)]
    const withB = (status: ListedStatus | null): boolean =>
      carryOurClaims(
        planned(readings),
        byRepository([readingOf('acme/A', { status: statusOf({ id: 5 }) }), readingOf('acme/B', { status })]),
      )
    expect(withB(null)).toBe(true)
    expect(withB(foreign(9, 'by hand'))).toBe(false)
    expect(withB(foreign(9, `${own} building`))).toBe(true)
    expect(withB(foreign(9, `inv:${orchestrationId} pushed`))).toBe(false)
  })
})
