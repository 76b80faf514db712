import { describe, expect, test } from 'vitest'
import { compareReadings } from '../../../../src/engine/build/verify/verify.js'
import type { SecondReading } from '../../../../src/engine/build/verify/verify.js'
import type { ListedStatus, PullRequestState, RepositoryRead } from '../../../../src/model/change.js'
import type { Orchestration } from '../../../../src/model/build/orchestration.js'
import type { VerificationResult, VerificationStage } from '../../../../src/model/build/state/verification.js'
import {
  absentReading,
  claimed,
  failureOf,
  fold,
  graphOf,
  orchestrationId,
  planOf,
  pullRequestOf,
  readingOf,
  sha,
  statusOf,
} from '../fixtures.js'

const own = `run:${orchestrationId}`
const ownClaim = statusOf({ id: 5, description: `${own} building` })
const graph = graphOf({ A: [], B: [] })

interface Later {
  stage?: VerificationStage
  /** The changes of acme/A in the second reading. */
  a?: Partial<RepositoryRead>
  b?: RepositoryRead
  history?: ListedStatus[]
  vanished?: PullRequestState
  orchestration?: Orchestration
}

/** A has the branch and a pull request, B does not have the branch; the claim on A has the status ID 5. */
function compare({ stage = 'before-success', a = {}, b, history, vanished, orchestration }: Later): VerificationResult {
  const readings = [readingOf('acme/A'), absentReading('acme/B')]
  const first = orchestration ?? fold(planOf(graph, { readings }), [claimed('acme/A', 5)])
  const second: SecondReading = {
    readings: [readingOf('acme/A', a), b ?? absentReading('acme/B')],
    vanished: new Map(vanished ? [[`acme/a#${vanished.number}`, vanished]] : []),
    histories: new Map([['acme/a', history ?? [ownClaim]]]),
  }
  return compareReadings(first, stage, second)
}

function kindsOf(result: VerificationResult): string {
  if (result.kind === 'moved') return `moved: ${result.findings.map(({ kind }) => kind).join(', ')}`
  if (result.kind === 'unchanged') return `unchanged${result.merged.length > 0 ? ', merged' : ''}`
  return result.kind
}

const merged: PullRequestState = { number: 1, state: 'merged', headSha: sha('a'), baseRef: 'main' }

describe('second reading', () => {
  test('a second reading that equals the plan is unchanged', () => {
    expect(kindsOf(compare({}))).toBe('unchanged')
  })

  test.each<[string, Later, string]>([
    ['a moved head', { a: { headSha: sha('b') } }, 'moved: head-moved'],
    ['a branch that is gone', { a: { headSha: null } }, 'moved: branch-gone'],
    ['a branch that appeared', { b: readingOf('acme/B', { pullRequests: [] }) }, 'moved: branch-appeared'],
    [
      'a closed pull request',
      { a: { pullRequests: [] }, vanished: { ...merged, state: 'closed' } },
      'moved: pull-request-closed',
    ],
    [
      'a second pull request',
      { a: { pullRequests: [pullRequestOf('acme/A'), pullRequestOf('acme/A', { number: 2 })] } },
      'moved: pull-request-opened',
    ],
    [
      'another base branch',
      { a: { pullRequests: [pullRequestOf('acme/A', { baseRef: 'next' })] } },
      'moved: pull-request-retargeted',
    ],
    [
      'a head shared with another branch',
      { a: { sameHead: [pullRequestOf('acme/A', { number: 9, headRef: 'x' })] } },
      'moved: head-shared',
    ],
    [
      'a head shared with a fork',
      { a: { sameHead: [pullRequestOf('acme/A', { number: 9, isFork: true })] } },
      'unchanged',
    ],
    ['a merge at the tested commit', { a: { pullRequests: [] }, vanished: merged }, 'unchanged, merged'],
    [
      'a merge that deleted the branch',
      { a: { pullRequests: [], headSha: null }, vanished: merged },
      'unchanged, merged',
    ],
    [
      'a merge of something else',
      { a: { pullRequests: [] }, vanished: { ...merged, headSha: sha('c') } },
      'moved: head-moved',
    ],
    [
      'a merge into another base',
      { a: { pullRequests: [] }, vanished: { ...merged, baseRef: 'next' } },
      'moved: pull-request-retargeted',
    ],
    [
      'a merge and a branch that appeared',
      { a: { pullRequests: [] }, vanished: merged, b: readingOf('acme/B') },
      'moved: pull-request-merged, branch-appeared',
    ],
    [
      'a pull request behind its branch',
      { a: { pullRequests: [pullRequestOf('acme/A', { headSha: sha('0') })] } },
      'unsettled',
    ],
    [
      'a pull request open by one reading only',
      { a: { pullRequests: [] }, vanished: { ...merged, state: 'open' } },
      'unsettled',
    ],
  ])('a second reading detects %s', (_, later, expected) => {
    expect(kindsOf(compare(later))).toBe(expected)
  })

  test('a second reading that fails for one repository is unreadable and reports no finding of the others', () => {
    const plan = planOf(graph, { readings: [readingOf('acme/A'), absentReading('acme/B')] })
    const second: SecondReading = {
      readings: [
        readingOf('acme/A', { headSha: sha('b') }),
        { kind: 'unreadable', repo: 'acme/B', failure: failureOf() },
      ],
      vanished: new Map(),
      histories: new Map(),
    }
    expect(compareReadings(fold(plan, [claimed('acme/A', 5)]), 'before-success', second).kind).toBe('unreadable')
  })
})

describe('status histories', () => {
  const at = (id: number, state: ListedStatus['state'], description: string): ListedStatus =>
    statusOf({ id, state, description })
  const success = at(8, 'success', `${own} set:000000000000 ok`)

  test.each<[string, VerificationStage, ListedStatus[], string]>([
    [
      'only older statuses before our claim',
      'before-success',
      [ownClaim, at(4, 'success', 'run:other12345 ok')],
      'unchanged',
    ],
    [
      'an invalidation',
      'before-success',
      [at(6, 'pending', 'inv:abcdef12 pushed'), ownClaim],
      'moved: status-replaced',
    ],
    [
      'a status of another orchestration',
      'before-success',
      [at(6, 'pending', 'run:other12345 x'), ownClaim],
      'moved: newer-claim',
    ],
    ['a status of a person', 'before-success', [at(6, 'success', 'I say so'), ownClaim], 'moved: status-replaced'],
    [
      'an invalidation before a status of ours',
      'before-success',
      [at(7, 'pending', own), at(6, 'pending', 'inv:abcdef12 x'), ownClaim],
      'moved: status-replaced',
    ],
    ['a repeated claim of ours', 'before-success', [at(6, 'pending', `${own} building`), ownClaim], 'unchanged'],
    ['a success of ours, posted before a resume', 'before-success', [success, ownClaim], 'unchanged'],
    ['no status', 'before-success', [], 'moved: status-replaced'],
    ['our success', 'after-success', [success, ownClaim], 'unchanged'],
    [
      'an invalidation before our success',
      'after-success',
      [success, at(6, 'pending', 'inv:abcdef12 x'), ownClaim],
      'moved: status-replaced',
    ],
    [
      'an invalidation after our success',
      'after-success',
      [at(9, 'pending', 'inv:abcdef12 x'), success, ownClaim],
      'moved: status-replaced',
    ],
    ['no claim of ours', 'after-success', [success], 'moved: status-replaced'],
  ])('the status history with %s is verified (%s)', (_, stage, history, expected) => {
    expect(kindsOf(compare({ stage, history }))).toBe(expected)
  })
})
