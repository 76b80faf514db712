import { describe, expect, test } from 'vitest'
import { baseNotes, basesOf, otherBasesOf } from '../../../src/model/base-branch.js'
import { graphOf, pullRequestOf } from '../engine/fixtures.js'

const graph = graphOf({ A: [] })
const member = (...bases: string[]) => ({
  repo: 'acme/A',
  defaultBranch: 'main',
  pullRequests: bases.map((baseRef, index) => pullRequestOf('acme/A', { number: index + 1, baseRef })),
})

describe('the bases of a member', () => {
  test('the bases are those of its pull requests, each once, or the default branch', () => {
    expect(basesOf(member('release', 'main', 'release'))).toEqual(['main', 'release'])
    expect(basesOf(member())).toEqual(['main'])
  })

  test('the default branch that an older journal does not have is not guessed', () => {
    expect(basesOf({ pullRequests: [] })).toEqual([])
    expect(otherBasesOf(graph, { repo: 'acme/A', pullRequests: member('release').pullRequests })).toEqual([])
  })
})

describe('bases other than the default branch', () => {
  const stackedOf = (baseRef: string, changes: Partial<typeof graph> = {}) =>
    otherBasesOf({ ...graph, ...changes }, member(baseRef)).map(({ stacked }) => stacked)

  test.each([
    ['the default branch', 'main', []],
    ['a branch of no change', 'release', [null]],
    ['the branch of another change', 'DPTA-2', ['refused']],
  ])('%s', (_, baseRef, stacked) => {
    expect(stackedOf(baseRef)).toEqual(stacked)
  })

  test('the graph file allows the branch of another change', () => {
    expect(stackedOf('DPTA-2', { stackedPullRequests: 'allow' })).toEqual(['allowed'])
    expect(stackedOf('release', { stackedPullRequests: 'allow' })).toEqual([null])
  })

  test('the default branch and excluded branches are never those of a change', () => {
    expect(stackedOf('main', { branches: ['**'] })).toEqual([])
    expect(stackedOf('release', { branches: ['**', '!release'] })).toEqual([null])
  })

  test('one note names five pull requests and counts the rest; a stacked one has its own', () => {
    const many = otherBasesOf(graph, member('a', 'b', 'c', 'd', 'e', 'f', 'DPTA-2'))
    expect(baseNotes(many)).toEqual([
      'these pull requests do not merge into the default branch: acme/A#1 into a, acme/A#2 into b, acme/A#3 into c, acme/A#4 into d, acme/A#5 into e and 1 more',
      'acme/A#7 is stacked on DPTA-2, the branch of another change: orch run refuses it without stacked-pull-requests: allow in the graph file',
    ])
  })

  test('there is no note where every pull request merges into the default branch', () => {
    expect(baseNotes(otherBasesOf(graph, member('main')))).toEqual([])
  })
})
