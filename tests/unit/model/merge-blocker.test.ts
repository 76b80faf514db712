import { describe, expect, test } from 'vitest'
import type { PullRequest } from '../../../src/model/change.js'
import { blockersOf, definiteBlockers, describeBlocker, shortenBlockers } from '../../../src/model/merge-blocker.js'
import { graphOf, pullRequestOf } from '../engine/fixtures.js'

const graph = graphOf({ A: [] })
const holding = { ...graph, membersWithoutPullRequest: 'hold' as const }

function textsOf(changes: Partial<PullRequest>): string[] {
  return blockersOf(graph, { repo: 'acme/A', pullRequests: [pullRequestOf('acme/A', changes)] }).map(describeBlocker)
}

describe('what prevents the merge of a member', () => {
  test('a pull request that is ready and has no conflict prevents nothing', () => {
    expect(textsOf({})).toEqual([])
  })

  test('a draft, a conflict and both are named', () => {
    expect(textsOf({ isDraft: true })).toEqual(['acme/A#1 is a draft'])
    expect(textsOf({ mergeability: 'conflicting' })).toEqual(['acme/A#1 conflicts with main'])
    expect(textsOf({ isDraft: true, mergeability: 'conflicting' })).toEqual([
      'acme/A#1 is a draft',
      'acme/A#1 conflicts with main',
    ])
  })

  test('a mergeability that is unknown or was not read is waited for, except that of a draft', () => {
    const unknown = 'GitHub has not computed whether acme/A#1 can be merged'
    expect(textsOf({ mergeability: 'unknown' })).toEqual([unknown])
    const unread: PullRequest = pullRequestOf('acme/A')
    delete unread.mergeability
    const blockers = blockersOf(graph, { repo: 'acme/A', pullRequests: [unread] })
    expect(blockers.map(describeBlocker)).toEqual([unknown])
    expect(definiteBlockers(blockers)).toEqual([])
    expect(textsOf({ mergeability: 'unknown', isDraft: true })).toEqual(['acme/A#1 is a draft'])
  })

  test('a member with commits and without a pull request holds the others only if the graph file says so', () => {
    const member = { repo: 'acme/A', pullRequests: [], isAhead: true }
    expect(blockersOf(graph, member)).toEqual([])
    expect(blockersOf(holding, member).map(describeBlocker)).toEqual(['acme/A has no pull request'])
    expect(blockersOf(holding, { ...member, isAhead: false })).toEqual([])
    expect(blockersOf(holding, { repo: 'acme/A', pullRequests: [] })).toEqual([])
  })

  test('the text of a status names repositories without their owner where all have the same', () => {
    const blockers = [
      ...blockersOf(graph, { repo: 'acme/A', pullRequests: [pullRequestOf('acme/A', { isDraft: true })] }),
      ...blockersOf(holding, { repo: 'acme/B', pullRequests: [], isAhead: true }),
    ]
    expect(shortenBlockers(blockers, ['acme/A', 'Acme/B'])).toBe('A#1: draft, B: no pull request')
    expect(shortenBlockers(blockers, ['acme/A', 'other/B'])).toBe('acme/A#1: draft, acme/B: no pull request')
  })
})
