import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/engine/build/decide/decide.js'
import type { Event } from '../../../src/model/build/events.js'
import type { Graph } from '../../../src/model/graph.js'
import { failureOf, fold, graphOf, minute, planOf } from './fixtures.js'
import type { DatedEvent } from './fixtures.js'

const bare = graphOf({ A: [] })
const graph: Graph = { ...bare, jobs: bare.jobs.map((job) => ({ ...job, onLostDispatch: 'dispatch-again' })) }
const plan = { ...planOf(graph), targets: [] }
const options = { postStatus: false }

const requested = (attempt: number, at: number): DatedEvent => ({
  type: 'dispatch-requested',
  job: 'A',
  attempt,
  serverTime: at,
  at,
})
const ambiguous = (attempt: number, at: number): DatedEvent => ({
  type: 'dispatch-ambiguous',
  job: 'A',
  attempt,
  failure: failureOf(),
  at,
})
const listed = (at: number): DatedEvent => ({ type: 'runs-listed', job: 'A', found: [], nextAt: at + 1_000, at })
const lost = [requested(1, 0), ambiguous(1, 10), listed(3 * minute)]
const again = [...lost, requested(2, 3 * minute + 10)]
const accepted: DatedEvent = {
  type: 'dispatch-accepted',
  job: 'A',
  attempt: 2,
  runId: 2,
  url: 'https://github.test/runs/2',
  at: 3 * minute + 20,
}

function decided(events: readonly DatedEvent[], at = 10 * minute): string[] {
  return decide(fold(plan, events, options), at).map((action) =>
    [action.type, 'attempt' in action ? action.attempt : '', 'runId' in action ? action.runId : ''].join(' ').trim(),
  )
}

describe('a dispatch that left no run', () => {
  test('is followed by another one after two minutes without a run, and not earlier', () => {
    expect(decided([requested(1, 0), ambiguous(1, 10), listed(minute)], minute)).toEqual(['search'])
    expect(decided(lost)).toEqual(['dispatch 2'])
  })

  test('is followed by only one other dispatch', () => {
    expect(decided([...again, ambiguous(2, 4 * minute), listed(7 * minute)])).toEqual(['settle', 'search-lost'])
  })

  test('is not followed by another one after an interruption', () => {
    const interrupted: DatedEvent = { type: 'interrupted', signal: 'SIGINT', cause: 'signal', at: 3 * minute }
    expect(decided([...lost, interrupted], 3 * minute)).toEqual(['settle', 'finish'])
  })

  test('is looked for while the next run is in progress, and its run is cancelled once', () => {
    const found: DatedEvent = {
      type: 'lost-runs-listed',
      job: 'A',
      attempt: 1,
      found: [{ runId: 1, url: 'https://github.test/runs/1' }],
      failure: null,
      nextAt: 5 * minute,
      at: 4 * minute,
    }
    const cancelled = (failure: ReturnType<typeof failureOf> | null): DatedEvent => ({
      type: 'lost-run-cancelled',
      job: 'A',
      attempt: 1,
      runId: 1,
      failure,
      nextAt: 6 * minute,
      at: 5 * minute,
    })
    expect(decided([...again, accepted])).toEqual(['observe', 'search-lost'])
    expect(decided([...again, accepted, found])).toEqual(['observe', 'cancel-lost  1'])
    expect(decided([...again, accepted, found, cancelled(failureOf())])).toEqual(['observe', 'cancel-lost  1'])
    expect(decided([...again, accepted, found, cancelled(null)])).toEqual(['observe'])
    expect(fold(plan, [...again, accepted, found, cancelled(null)], options).jobs.get('A')).toMatchObject({ runId: 2 })
  })

  test('of several matching runs none is cancelled', () => {
    const found = [1, 3].map((runId) => ({ runId, url: '' }))
    const several: DatedEvent = {
      type: 'lost-runs-listed',
      job: 'A',
      attempt: 1,
      found,
      failure: null,
      nextAt: 0,
      at: 4 * minute,
    }
    expect(decided([...again, accepted, several])).toEqual(['observe'])
  })

  test('is not dispatched in the same attempt again after the token was refused, nor after a resume', () => {
    const refused: DatedEvent = {
      type: 'dispatch-refused',
      job: 'A',
      attempt: 2,
      failure: failureOf({ kind: 'unauthorized' }),
      at: 4 * minute,
    }
    expect(decided([...again, refused])).toEqual(['dispatch 2'])
    const resumed: DatedEvent = { type: 'resumed', at: 5 * minute }
    expect(decided([...again, resumed], 5 * minute)).toEqual(['search', 'search-lost'])
    expect(decided([...lost, resumed], 5 * minute)).toEqual(['search'])
  })

  test('that GitHub refuses the second time is reported as possibly running', () => {
    const refused: DatedEvent = { type: 'dispatch-refused', job: 'A', attempt: 2, failure: failureOf(), at: 4 * minute }
    const job = fold(plan, [...again, refused] satisfies Event[], options).jobs.get('A')
    expect(job).toMatchObject({ outcome: 'failed' })
    expect(job?.phase === 'settled' ? job.reason : '').toMatch(/attempt 1 started a run$/u)
  })
})
