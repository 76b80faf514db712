import { describe, expect, test } from 'vitest'
import type { Plan, PlannedJob } from '../../../../src/model/build/plan.js'
import type { Template } from '../../../../src/model/build/template.js'
import type { Job } from '../../../../src/model/graph.js'
import { templateContext } from '../../../../src/engine/build/perform/template-context.js'
import { dispatched, failureOf, fold, graphOf, orchestrationId, planOf, readingOf, sha } from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'
import { Stage } from './performing.js'

const bare = (needs: Readonly<Record<string, readonly string[]>>, job: Partial<Job> = {}): Plan =>
  planOf(graphOf(needs, { job }), {
    readings: Object.keys(needs).map((id) => readingOf(`acme/${id}`, { pullRequests: [] })),
  })
const withA = (plan: Plan, changes: Partial<PlannedJob>): Plan => ({
  ...plan,
  jobs: plan.jobs.map((planned) => (planned.job === 'A' ? { ...planned, ...changes } : planned)),
})
const one = bare({ A: [] })
const marked = withA(one, { carriesMarker: true })
const fingerprint = one.jobs[0]?.fingerprint.slice(0, 12) ?? ''
const accepted = () => ({ kind: 'accepted', runId: 7, url: 'https://github.test/runs/7' })
const dispatch = { type: 'dispatch', at: 0, job: 'A', attempt: 1 } as const
const asked: DatedEvent = { type: 'dispatch-requested', job: 'A', attempt: 1, serverTime: 40, at: 50 }
const ambiguous: DatedEvent = { type: 'dispatch-ambiguous', job: 'A', attempt: 1, failure: failureOf(), at: 60 }
const settled = (
  job: string,
  outcome: 'succeeded' | 'fresh' | 'failed' | 'skipped' | 'not-run' | 'cancelled',
): DatedEvent => ({
  type: 'job-settled',
  ...{ job, outcome, reason: '', at: 50 },
})

describe('a dispatch', () => {
  test('it is journaled with the time of GitHub before it is sent, and its answer afterwards', async () => {
    const stage = new Stage(one, [], 100, { answers: { dispatch: accepted, serverTime: () => 90 } })
    expect(await stage.perform(dispatch)).toEqual([
      { type: 'dispatch-requested', job: 'A', attempt: 1, serverTime: 90 },
      { type: 'dispatch-accepted', job: 'A', attempt: 1, runId: 7, url: 'https://github.test/runs/7' },
    ])
    expect(stage.requests).toEqual([['dispatch', { repo: 'acme/A', workflow: 'build.yml', ref: 'DPTA-1', inputs: {} }]])
  })

  test.each(['refused', 'ambiguous'] as const)('an answer that is %s is journaled with its failure', async (kind) => {
    const stage = new Stage(one, [], 100, { answers: { dispatch: () => ({ kind, failure: failureOf() }) } })
    expect((await stage.perform(dispatch))[1]).toEqual({
      type: `dispatch-${kind}`,
      ...{ job: 'A', attempt: 1, failure: failureOf() },
    })
  })

  test('a dispatch that is no longer pending is not sent', async () => {
    const stage = new Stage(bare({ A: [], B: [] }), [...dispatched('B'), settled('B', 'failed')], 100, {
      answers: { dispatch: accepted },
    })
    expect(await stage.perform(dispatch)).toEqual([])
    expect(stage.requests).toEqual([])
  })

  test('the marker is sent to a workflow that shows it, and the default branch is built where the branch is absent', async () => {
    const stage = new Stage(withA(marked, { defaultBranch: 'main' }), [], 100, { answers: { dispatch: accepted } })
    await stage.perform(dispatch)
    expect(stage.requests).toMatchObject([
      ['dispatch', { ref: 'main', inputs: { orch_id: `${orchestrationId}.A.1.${fingerprint}` } }],
    ])
    const ofEvent = new Stage(marked, [], 100, {
      answers: { dispatch: accepted, listRuns: () => ({ ok: true, value: [] }) },
      options: { eventKey: 'event00001' },
    })
    ofEvent.happen({ type: 'earlier-runs-listed', job: 'A', found: [], nextAt: 0, at: 90 })
    await ofEvent.perform({ ...dispatch, attempt: 1 })
    expect(ofEvent.requests).toMatchObject([['dispatch', { inputs: { orch_id: `event00001.A.1.${fingerprint}` } }]])
  })

  test('it is journaled again when the port asks again after a rate limit, as long as it would be due', async () => {
    const stage = new Stage(one, [], 100, { answers: { dispatch: accepted } })
    stage.asks = 3
    expect((await stage.perform(dispatch)).map(({ type }) => type)).toEqual([
      ...['dispatch-requested', 'dispatch-requested', 'dispatch-requested'],
      'dispatch-accepted',
    ])
    const failing = new Stage(bare({ A: [], B: [] }), dispatched('B'), 100, { answers: { dispatch: accepted } })
    failing.asks = 2
    // Another build fails while the request waits for the rate limit.
    failing.betweenAsks = () => failing.happen(settled('B', 'failed'))
    expect((await failing.perform(dispatch)).map(({ type }) => type)).toEqual(['dispatch-requested'])
    expect(failing.requests).toEqual([])
    const ended = new Stage(one, [], 100, { answers: { dispatch: accepted } })
    ended.asks = 2
    ended.betweenAsks = () => ended.happen(settled('A', 'cancelled'))
    expect((await ended.perform(dispatch)).map(({ type }) => type)).toEqual(['dispatch-requested'])
    expect(ended.requests).toEqual([])
  })

  test('a process that does not know the time of GitHub reads a status first, which tells it', async () => {
    let time: number | null = null
    const listStatuses = (): unknown => {
      time = 80
      return { ok: true, value: [] }
    }
    const stage = new Stage(one, [], 100, { answers: { dispatch: accepted, listStatuses, serverTime: () => time } })
    expect((await stage.perform(dispatch))[0]).toMatchObject({ serverTime: 80 })
    expect(stage.requests[0]).toEqual([
      'listStatuses',
      { repo: 'acme/A', headSha: sha('a'), context: 'orchestrator-build', newestOnly: true },
    ])
  })
})

describe('the inputs of a dispatch', () => {
  /** A needs B. */
  const withInputs = (inputs: Job['inputs']): Plan => {
    const plan = bare({ B: [], A: ['B'] })
    const jobs = plan.graph.jobs.map((job) => (job.id === 'A' ? { ...job, inputs } : job))
    return { ...plan, graph: { ...plan.graph, jobs } }
  }
  const expression = (...parts: Template['parts']): Template => ({ source: '', parts })
  const need = (job: string, field: 'head-sha' | 'run-id' | 'run-url' | 'result'): Template =>
    expression({ kind: 'expression', expression: { name: 'needs', job, field } })
  const inputsOf = async (inputs: Job['inputs'], events: DatedEvent[], plan = withInputs(inputs)): Promise<unknown> => {
    const stage = new Stage(plan, events, 100, { answers: { dispatch: accepted } })
    await stage.perform(dispatch)
    return (stage.requests[0]?.[1] as { inputs: unknown } | undefined)?.inputs
  }

  test('they contain the branch, the orchestration, the attempt and texts', async () => {
    const it = expression(
      { kind: 'text', text: 'on ' },
      { kind: 'expression', expression: { name: 'branch' } },
      { kind: 'text', text: ' by ' },
      { kind: 'expression', expression: { name: 'orchestration.id' } },
      { kind: 'text', text: ', try ' },
      { kind: 'expression', expression: { name: 'job.attempt' } },
    )
    expect(await inputsOf({ it }, [settled('B', 'succeeded')])).toEqual({ it: 'on DPTA-1 by run0000001, try 1' })
  })

  test('they contain what is known of the needs', async () => {
    const inputs = {
      sha: need('B', 'head-sha'),
      id: need('B', 'run-id'),
      url: need('B', 'run-url'),
      none: need('X', 'run-id'),
    }
    expect(await inputsOf(inputs, [...dispatched('B', 8), settled('B', 'succeeded')])).toEqual({
      ...{ sha: sha('a'), id: '8', url: 'https://github.test/run', none: '' },
    })
    const skipping = withInputs(inputs)
    const skipped = {
      ...skipping,
      jobs: skipping.jobs.map((job) => (job.job === 'B' ? { ...job, action: 'skip' as const, headSha: null } : job)),
    }
    expect(await inputsOf(inputs, [settled('B', 'skipped')], skipped)).toEqual({ sha: '', id: '', url: '', none: '' })
  })

  test.each([
    ['succeeded', 'success'],
    ['fresh', 'success'],
    ['skipped', 'skipped'],
    ['not-run', 'skipped'],
  ] as const)('the result of a need that %s is "%s", as in GitHub Actions', async (outcome, result) => {
    expect(await inputsOf({ it: need('B', 'result') }, [settled('B', outcome)])).toEqual({ it: result })
  })

  test.each([
    ['cancelled', 'cancelled'],
    ['failed', 'failure'],
    ['lost', 'failure'],
  ] as const)('the result of a job that was %s is "%s"', (outcome, result) => {
    const state = fold(bare({ B: [], A: ['B'] }), [{ type: 'job-settled', job: 'B', outcome, reason: '', at: 5 }])
    expect(templateContext(state, 1).needs.get('B')).toMatchObject({ result })
    expect(templateContext(state, 1).needs.get('A')).toMatchObject({ result: '', 'run-id': '' })
    expect(templateContext(state, 1).needs.get('X')).toBeUndefined()
  })
})

describe('the search for the run of a dispatch without an answer', () => {
  const search = { type: 'search', at: 0, job: 'A' } as const
  const found = [{ runId: 7, url: 'https://github.test/runs/7' }]
  const stageOf = (plan: Plan, answer: unknown, events: DatedEvent[] = [asked, ambiguous]): Stage =>
    new Stage(plan, events, 5_000, { answers: { findRuns: () => answer } })

  test('a run is looked for by workflow, branch, commit and time', async () => {
    const stage = stageOf(one, { ok: true, value: found })
    const [event] = await stage.perform(search)
    expect(event).toMatchObject({ type: 'runs-listed', job: 'A', found })
    expect(stage.requests).toEqual([
      [
        'findRuns',
        { repo: 'acme/A', workflow: 'build.yml', ref: 'DPTA-1', headSha: sha('a'), createdSince: 40, marker: null },
      ],
    ])
  })

  test('a run with a marker is looked for by it, whatever its commit', async () => {
    const stage = stageOf(withA(marked, { defaultBranch: 'main' }), { ok: true, value: [] })
    await stage.perform(search)
    expect(stage.requests).toMatchObject([
      ['findRuns', { ref: 'main', headSha: null, marker: `${orchestrationId}.A.1.${fingerprint}` }],
    ])
  })

  test('the next search comes after a delay that grows', async () => {
    const nextAt = async (events: DatedEvent[]): Promise<number> => {
      const [event] = await stageOf(one, { ok: true, value: [] }, events).perform(search)
      return event?.type === 'runs-listed' ? event.nextAt - 5_000 : 0
    }
    const listed = { type: 'runs-listed', job: 'A', found: [], nextAt: 0, at: 70 } as const
    const delays = [await nextAt([asked, ambiguous]), await nextAt([asked, ambiguous, listed, listed, listed, listed])]
    expect(delays[0]).toBeGreaterThanOrEqual(1_200)
    expect(delays[0]).toBeLessThanOrEqual(1_800)
    expect(delays[1]).toBeGreaterThanOrEqual(6_000)
  })

  test('a listing that fails is journaled, and so is none if the job went on meanwhile', async () => {
    expect(await stageOf(one, { ok: false, failure: failureOf() }).perform(search)).toMatchObject([
      { type: 'listing-failed', job: 'A', failure: failureOf() },
    ])
    for (const ok of [true, false]) {
      const stage = stageOf(one, undefined)
      stage.answers.findRuns = () => {
        stage.happen({ type: 'run-adopted', job: 'A', attempt: 1, runId: 7, url: '', at: 70 })
        return ok ? { ok, value: [] } : { ok, failure: failureOf() }
      }
      expect(await stage.perform(search)).toEqual([])
    }
  })

  test('nothing is looked for without the time of GitHub, or once the run is known', async () => {
    expect(await stageOf(one, undefined, [{ ...asked, serverTime: null }, ambiguous]).perform(search)).toEqual([])
    expect(await stageOf(one, undefined, dispatched('A')).perform(search)).toEqual([])
  })

  test('a run that was found is adopted unless the job has a run or has ended', async () => {
    const adopt = { type: 'adopt', at: 0, job: 'A', attempt: 1, runId: 7, url: 'https://github.test/runs/7' } as const
    const adopted = [{ type: 'run-adopted', job: 'A', attempt: 1, runId: 7, url: 'https://github.test/runs/7' }]
    expect(await new Stage(one, [asked, ambiguous], 100).perform(adopt)).toEqual(adopted)
    expect(await new Stage(one, [], 100).perform(adopt)).toEqual(adopted)
    expect(await new Stage(one, dispatched('A', 9), 100).perform(adopt)).toEqual([])
    expect(await new Stage(one, [settled('A', 'not-run')], 100).perform(adopt)).toEqual([])
  })
})

describe('a lost dispatch that was followed by another one', () => {
  const again = bare({ A: [] }, { onLostDispatch: 'dispatch-again' })
  const listed: DatedEvent = { type: 'runs-listed', job: 'A', found: [], nextAt: 0, at: 130_000 }
  const second: DatedEvent[] = [
    { type: 'dispatch-requested', job: 'A', attempt: 2, serverTime: 130_500, at: 131_000 },
    { type: 'dispatch-accepted', job: 'A', attempt: 2, runId: 9, url: '', at: 131_100 },
  ]
  const events = [asked, ambiguous, listed, ...second]
  const run = (runId: number) => ({ runId, url: '' })
  const lostListed = (found: number[]): DatedEvent => ({
    type: 'lost-runs-listed',
    ...{ job: 'A', attempt: 1, found: found.map(run), failure: null, nextAt: 0, at: 132_000 },
  })
  const searchLost = { type: 'search-lost', at: 0, job: 'A' } as const
  const cancelLost = { type: 'cancel-lost', at: 0, job: 'A', runId: 5 } as const

  test('its runs are those between the two dispatches, without that of the second', async () => {
    const stage = new Stage(again, events, 140_000, {
      answers: { findRuns: () => ({ ok: true, value: [run(5), run(9)] }) },
    })
    expect(await stage.perform(searchLost)).toMatchObject([
      { type: 'lost-runs-listed', job: 'A', attempt: 1, found: [run(5)], failure: null },
    ])
    expect(stage.requests).toEqual([
      [
        'findRuns',
        {
          repo: 'acme/A',
          workflow: 'build.yml',
          ref: 'DPTA-1',
          headSha: sha('a'),
          createdSince: 40,
          createdUntil: 130_500,
          marker: null,
        },
      ],
    ])
  })

  test('its run is looked for by its marker if the workflow shows it', async () => {
    const stage = new Stage(withA(again, { carriesMarker: true }), events, 140_000, {
      answers: { findRuns: () => ({ ok: true, value: [] }) },
    })
    await stage.perform(searchLost)
    const marker = `${orchestrationId}.A.1.${again.jobs[0]?.fingerprint.slice(0, 12)}`
    expect(stage.requests).toEqual([
      ['findRuns', { repo: 'acme/A', workflow: 'build.yml', ref: 'DPTA-1', headSha: null, createdSince: 40, marker }],
    ])
  })

  test('a listing that fails is journaled and repeated, and one that comes too late is not', async () => {
    const failing = new Stage(again, events, 140_000, {
      answers: { findRuns: () => ({ ok: false, failure: failureOf() }) },
    })
    const [event] = await failing.perform(searchLost)
    expect(event).toMatchObject({ type: 'lost-runs-listed', found: [], failure: failureOf() })
    expect(event?.type === 'lost-runs-listed' ? event.nextAt : 0).toBeGreaterThan(140_000)
    const late = new Stage(again, events, 140_000)
    late.answers.findRuns = () => {
      late.happen(lostListed([5, 6]))
      return { ok: true, value: [] }
    }
    expect(await late.perform(searchLost)).toEqual([])
    expect(await new Stage(again, dispatched('A'), 140_000).perform(searchLost)).toEqual([])
  })

  test('its run is cancelled in its turn, and again five seconds after a failure', async () => {
    const cancel = (kind: string) =>
      new Stage(again, [...events, lostListed([5])], 140_000, {
        answers: { cancelRun: () => ({ kind, failure: failureOf() }) },
      })
    const stage = cancel('requested')
    expect(await stage.perform(cancelLost)).toEqual([
      { type: 'lost-run-cancelled', job: 'A', attempt: 1, runId: 5, failure: null, nextAt: 145_000 },
    ])
    expect(stage.requests).toEqual([['cancelRun', 'acme/A', 5, { force: false, urgent: false }]])
    expect(await cancel('failed').perform(cancelLost)).toMatchObject([{ failure: failureOf(), nextAt: 145_000 }])
    expect(await new Stage(again, dispatched('A'), 140_000).perform(cancelLost)).toEqual([])
  })
})
