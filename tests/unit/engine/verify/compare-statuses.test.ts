import { describe, expect, test } from 'vitest'
import { compareStatuses } from '../../../../src/engine/build/verify/compare-statuses.js'
import type { ListedStatus } from '../../../../src/model/change.js'
import { claimed, fold, graphOf, orchestrationId, planOf, readingOf, statusOf } from '../fixtures.js'

const graph = graphOf({ A: [], B: [] })
const other = 'other0000001'

/** Both heads are claimed: A with status 10, B with status 20. */
const orchestration = fold(planOf(graph, { readings: [readingOf('acme/A'), readingOf('acme/B')] }), [
  claimed('acme/A', 10),
  claimed('acme/B', 20),
  claimed('acme/A', 10, 'success'),
  claimed('acme/B', 30, 'success'),
])

function own(id: number): ListedStatus {
  return statusOf({ id, description: `run:${orchestrationId} building` })
}

function theirs(id: number, text = 'building', state: ListedStatus['state'] = 'pending'): ListedStatus {
  return statusOf({ id, state, description: `run:${other} ${text}` })
}

function compare(a: ListedStatus[], b: ListedStatus[], stage: 'while-building' | 'after-success' = 'while-building') {
  const { findings, overtaken, older } = compareStatuses(
    orchestration,
    stage,
    new Map([
      ['acme/a', a],
      ['acme/b', b],
    ]),
    new Map(),
  )
  return { findings: findings.map(({ kind, repo }) => `${kind} ${repo}`), overtaken, older }
}

describe('comparison of statuses', () => {
  test('an orchestration that claimed every head later is a newer claim on every head', () => {
    expect(compare([theirs(30), own(10)], [theirs(31), own(20)]).findings).toEqual([
      'newer-claim acme/A',
      'newer-claim acme/B',
    ])
  })

  test('an orchestration that claimed the first head by name later wins a crosswise claim', () => {
    expect(compare([theirs(11), own(10)], [own(20), theirs(19)])).toEqual({
      findings: ['newer-claim acme/A'],
      overtaken: [],
      older: [],
    })
  })

  test('an orchestration that claimed the first head by name earlier loses a crosswise claim, and its head is claimed again', () => {
    expect(compare([own(10), theirs(9)], [theirs(21), own(20)])).toEqual({
      findings: [],
      overtaken: ['acme/B'],
      older: [other],
    })
  })

  test('a head whose newest status is the closing status of an older orchestration is claimed again', () => {
    expect(compare([own(10), theirs(9)], [theirs(22, 'superseded', 'error'), theirs(21), own(20)]).overtaken).toEqual([
      'acme/B',
    ])
  })

  test('a head that was claimed again counts as claimed', () => {
    expect(compare([own(10), theirs(9)], [own(30), theirs(21), own(20)])).toEqual({
      findings: [],
      overtaken: [],
      older: [other],
    })
  })

  test('an invalidation before a repeated claim is still a finding', () => {
    const invalidation = statusOf({ id: 22, description: 'inv:abcdef12 x' })
    expect(compare([own(10), theirs(9)], [own(30), invalidation, theirs(21), own(20)]).findings).toEqual([
      'status-replaced acme/B',
    ])
  })

  test('a status of an older orchestration after our success is a finding', () => {
    expect(compare([own(10), theirs(9)], [theirs(31), own(30), own(20)], 'after-success').findings).toEqual([
      'status-replaced acme/B',
    ])
  })

  test('a status of an older orchestration before our success is not a finding after success', () => {
    const unlocked = [own(10), theirs(9)]
    expect(compare(unlocked, [own(30), own(25), theirs(21), own(20)], 'after-success').findings).toEqual([])
  })
})
