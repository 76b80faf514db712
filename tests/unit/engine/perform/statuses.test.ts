import { describe, expect, test } from 'vitest'
import { readRecord } from '../../../../src/model/build/job-record.js'
import type { Plan, RunOptions } from '../../../../src/model/build/plan.js'
import type { PostRound } from '../../../../src/model/build/state/post-state.js'
import type { VerificationResult, VerificationStage } from '../../../../src/model/build/state/verification.js'
import type { ListedStatus, RepositoryReading } from '../../../../src/model/change.js'
import type { Failure } from '../../../../src/model/failure.js'
import {
  claimed,
  dispatched,
  failureOf,
  graphOf,
  observedAt,
  orchestrationId,
  planOf,
  pullRequestOf,
  readingOf,
  sha,
  statusOf,
} from '../fixtures.js'
import type { DatedEvent } from '../fixtures.js'
import { Stage } from './performing.js'

const plan = planOf(graphOf({ A: [], B: [] }))
const own = `run:${orchestrationId}`
const status = (id: number, description: string, createdAt = 0): ListedStatus =>
  statusOf({ id, description, createdAt })
const post = (changes: object = {}) => ({
  type: 'post-status' as const,
  ...{ at: 0, repo: 'acme/A', headSha: sha('a'), round: 'claim' as PostRound, state: 'pending' as const },
  ...{ text: 'building 2 jobs', over: 'anything' as 'anything' | 'own' | 'own-or-planned', urgent: false },
  ...changes,
})
const posted = (id = 9) => ({ kind: 'posted', status: status(id, `${own} building`) })
const verified = (
  stage: VerificationStage,
  result: VerificationResult,
  at: number,
  nextAt = at + 1_000,
): DatedEvent => ({
  type: 'verified',
  ...{ stage, result, nextAt, at },
})
const settled = (job: string, at = 10): DatedEvent => ({
  type: 'job-settled',
  job,
  outcome: 'succeeded',
  reason: '',
  at,
})
const built = [
  ...[claimed('acme/A', 1), claimed('acme/B', 2)],
  { type: 'earlier-heads-locked', locked: [], failures: [], at: 5 } as DatedEvent,
  ...[settled('A'), settled('B')],
]
const unchanged = verified('before-success', { kind: 'unchanged', merged: [] }, 1_000, 2_000)

/** A stage before the claims; every post succeeds. */
const stageOf = (
  answers: object = {},
  events: DatedEvent[] = [],
  now = 100,
  of: Plan = plan,
  options: Partial<RunOptions> = {},
): Stage => new Stage(of, events, now, { answers: { postStatus: () => posted(), ...answers }, options })
const typesOf = async (stage: Stage, action = post()): Promise<string[]> =>
  (await stage.perform(action)).map(({ type }) => type)

describe('a status of the context', () => {
  test('its intent is journaled before it is sent, and GitHub answers with it', async () => {
    const stage = stageOf({}, [], 100, plan, { link: 'https://ci.test/1' })
    const description = `${own} building 2 jobs`
    expect(await stage.perform(post())).toEqual([
      { type: 'status-requested', repo: 'acme/A', headSha: sha('a'), round: 'claim', state: 'pending', description },
      { type: 'status-posted', repo: 'acme/A', headSha: sha('a'), round: 'claim', status: posted().status },
    ])
    expect(stage.requests).toEqual([
      [
        'postStatus',
        {
          repo: 'acme/A',
          headSha: sha('a'),
          context: 'orchestrator-build',
          state: 'pending',
          description,
          targetUrl: 'https://ci.test/1',
        },
        { urgent: false, maxTries: 1 },
      ],
    ])
  })

  test('a success carries the digest of what was tested', async () => {
    const stage = stageOf({}, [...built, unchanged], 1_500)
    await stage.perform(post({ round: 'success', state: 'success', text: 'ok', over: 'own' }))
    expect(stage.requests).toMatchObject([
      ['postStatus', { description: `${own} set:${plan.setDigest.slice(0, 12)} ok` }, {}],
    ])
  })

  test('it is not sent when it is no longer pending', async () => {
    const stage = stageOf({}, [claimed('acme/A', 1)])
    expect(await typesOf(stage)).toEqual([])
    expect(stage.requests).toEqual([])
  })

  test('a failure that may pass is repeated after a delay, or later if GitHub asks for that', async () => {
    const nextAt = async (failure: Partial<Failure>, retryAfterMs?: number): Promise<number | undefined> => {
      const stage = stageOf({ postStatus: () => ({ kind: 'failed', failure: failureOf(failure), retryAfterMs }) })
      const [, event] = await stage.perform(post())
      if (event?.type !== 'status-failed') throw new Error('it did not fail')
      return event.nextAt
    }
    expect(await nextAt({})).toBeGreaterThanOrEqual(900)
    expect(await nextAt({})).toBeLessThanOrEqual(1_300)
    expect(await nextAt({}, 60_000)).toBe(60_100)
    expect(await nextAt({}, 10)).toBeGreaterThanOrEqual(900)
    expect(await nextAt({ kind: 'forbidden' })).toBeUndefined()
    expect(await nextAt({ kind: 'timeout' })).toBeGreaterThan(100)
  })

  test('the delay grows with each repetition', async () => {
    const failed: DatedEvent = {
      type: 'status-failed',
      ...{ repo: 'acme/A', headSha: sha('a'), round: 'claim', failure: failureOf(), nextAt: 60, at: 50 },
    }
    const stage = stageOf({ postStatus: () => ({ kind: 'failed', failure: failureOf() }) }, [
      failed,
      failed,
      failed,
      failed,
      failed,
    ])
    const event = (await stage.perform(post())).at(-1)
    expect(event?.type === 'status-failed' ? (event.nextAt ?? 0) - 100 : 0).toBeGreaterThanOrEqual(6_000)
  })
})

describe('the newest status before a post', () => {
  const newest = (...statuses: ListedStatus[]) => ({ listStatuses: () => ({ ok: true, value: statuses }) })
  const closing = post({ round: 'closing', state: 'error', text: 'no', over: 'own', urgent: false })
  /** A failed, so that the heads are closed. */
  const failing: DatedEvent[] = [
    ...built.slice(0, 3),
    ...[{ ...settled('A'), outcome: 'lost' } as DatedEvent, { ...settled('B'), outcome: 'lost' } as DatedEvent],
  ]
  const closed = async (statuses: ListedStatus[], events = failing): Promise<string[]> =>
    typesOf(stageOf(newest(...statuses), events), closing)

  test('it is read by itself, and must be of this orchestration or of an older one', async () => {
    const stage = stageOf(newest(status(1, `${own} building`)), failing)
    expect(await typesOf(stage, closing)).toEqual(['status-requested', 'status-posted'])
    expect(stage.requests[0]).toEqual([
      'listStatuses',
      { repo: 'acme/A', headSha: sha('a'), context: 'orchestrator-build', newestOnly: true },
    ])
    expect(await closed([status(1, 'run:other12345 building')])).toEqual(['status-withheld'])
    expect(await closed([status(1, 'inv:run0000001 pushed')])).toEqual(['status-withheld'])
    expect(await closed([status(1, 'by hand')])).toEqual(['status-withheld'])
    expect(await closed([])).toEqual(['status-withheld'])
    const older = [{ ...claimed('acme/A', 1), olderClaims: ['other12345'] } as DatedEvent, ...failing.slice(1)]
    expect(await closed([status(1, 'run:other12345 building')], older)).toEqual(['status-requested', 'status-posted'])
  })

  test('a status that is withheld says why', async () => {
    const [event] = await stageOf(newest(), failing).perform(closing)
    expect(event).toEqual({
      type: 'status-withheld',
      ...{ repo: 'acme/A', headSha: sha('a'), round: 'closing' },
      reason: 'its newest status is not of this orchestration',
    })
  })

  test('a reading that fails counts as a failed post', async () => {
    const stage = stageOf({ listStatuses: () => ({ ok: false, failure: failureOf() }) }, failing)
    const [event] = await stage.perform(closing)
    expect(event).toMatchObject({ type: 'status-failed', repo: 'acme/A', round: 'closing', failure: failureOf() })
    expect(event?.type === 'status-failed' ? event.nextAt : undefined).toBeGreaterThan(100)
  })

  test('a claim after a resume may also replace the status that the head had in the plan', async () => {
    const before = status(4, 'by hand')
    const withStatus = planOf(graphOf({ A: [], B: [] }), {
      readings: [readingOf('acme/A', { status: before }), readingOf('acme/B')],
    })
    const resumed: DatedEvent = { type: 'resumed', at: 50 }
    const claim = async (of: Plan, ...statuses: ListedStatus[]): Promise<string[]> =>
      typesOf(stageOf(newest(...statuses), [claimed('acme/B', 2), resumed], 100, of), post({ over: 'own-or-planned' }))
    const isPosted = ['status-requested', 'status-posted']
    expect(await claim(withStatus, before)).toEqual(isPosted)
    expect(await claim(withStatus, status(5, 'by hand'))).toEqual(['status-withheld'])
    expect(await claim(withStatus, status(5, `${own} building`))).toEqual(isPosted)
    expect(await claim(withStatus)).toEqual(['status-withheld'])
    expect(await claim(plan)).toEqual(isPosted)
    expect(await claim(plan, status(5, 'by hand'))).toEqual(['status-withheld'])
  })

  test('a success right after the reading of the change needs no other one', async () => {
    const success = post({ round: 'success', state: 'success', text: 'ok', over: 'own' })
    const at = async (now: number, ...events: DatedEvent[]): Promise<unknown> => {
      const stage = stageOf(newest(status(1, own)), [...built, ...events], now)
      await stage.perform(success)
      return stage.requests[0]?.[0]
    }
    expect(await at(31_999, unchanged)).toBe('postStatus')
    expect(await at(32_000, unchanged)).toBe('listStatuses')
    const closingThen = stageOf(newest(status(1, own)), [...failing, unchanged], 1_500)
    await closingThen.perform(closing)
    expect(closingThen.requests[0]?.[0]).toBe('listStatuses')
  })
})

describe('the claims of other orchestrations right before ours', () => {
  const marked = { ...plan, jobs: plan.jobs.map((job) => ({ ...job, carriesMarker: true })) }
  const claim = (id: number, createdAt = 100_000) => ({
    kind: 'posted',
    status: status(id, `${own} building`, createdAt),
  })
  const older = async (
    history: ListedStatus[] | null,
    changes: { of?: Plan; repo?: string } = {},
  ): Promise<unknown> => {
    const listStatuses = () => (history ? { ok: true, value: history } : { ok: false, failure: failureOf() })
    const stage = stageOf({ postStatus: () => claim(9), listStatuses }, [], 100, changes.of ?? marked)
    const event = (await stage.perform(post({ repo: changes.repo ?? 'acme/A' }))).at(-1)
    return event?.type === 'status-posted' ? event.olderClaims : event
  }
  const theirs = (id: number, createdAt: number, changes: Partial<ListedStatus> = {}): ListedStatus => ({
    ...status(id, 'run:other12345 building', createdAt),
    ...changes,
  })

  test('they are found on the first head within 30 s before the claim', async () => {
    expect(await older([theirs(8, 99_000), theirs(7, 80_000)])).toEqual(['other12345'])
    expect(await older([theirs(8, 70_001)])).toEqual(['other12345'])
    expect(await older([theirs(8, 70_000)])).toBeUndefined()
    expect(await older([theirs(10, 99_000)])).toBeUndefined()
  })

  test('only claims of orchestrations count', async () => {
    expect(await older([theirs(8, 99_000, { state: 'success' })])).toBeUndefined()
    expect(await older([theirs(8, 99_000, { description: 'inv:other12345 x' })])).toBeUndefined()
    expect(await older([theirs(8, 99_000, { description: 'by hand' })])).toBeUndefined()
    expect(await older([theirs(8, 99_000), theirs(7, 99_000, { description: 'run:other67890 x' })])).toEqual([
      'other12345',
      'other67890',
    ])
  })

  test('a claim of ours whose answer was lost is the one that counts', async () => {
    expect(await older([theirs(8, 99_000), status(7, `${own} building`, 60_000), theirs(6, 50_000)])).toEqual([
      'other12345',
    ])
    expect(await older([theirs(8, 99_000), status(7, `${own} building`, 60_000)])).toBeUndefined()
  })

  test('they are read on the first head only, and only where a run could be reused', async () => {
    const stage = stageOf({ postStatus: () => claim(9) }, [], 100, marked)
    expect(await typesOf(stage, post({ repo: 'acme/B' }))).toEqual(['status-requested', 'status-posted'])
    expect(await typesOf(stageOf({ postStatus: () => claim(9) }))).toHaveLength(2)
    const mixed = marked.jobs.map((job, index) => (index === 0 ? job : { ...job, action: 'skip' as const }))
    expect(await older([theirs(8, 99_000)], { of: { ...marked, jobs: mixed } })).toEqual(['other12345'])
    const fresh = { ...marked, jobs: marked.jobs.map((job) => ({ ...job, action: 'skip' as const })) }
    expect(await typesOf(stageOf({ postStatus: () => claim(9) }, [], 100, fresh))).toHaveLength(2)
  })

  test('a history that cannot be read is no reason to stop', async () => {
    expect(await older(null)).toBeUndefined()
  })

  test('they are not read for another status than a claim', async () => {
    const stage = stageOf({}, [...built, unchanged], 1_500, marked)
    expect(await typesOf(stage, post({ round: 'success', state: 'success', text: 'ok', over: 'own' }))).toHaveLength(2)
    expect(stage.requests).toHaveLength(1)
  })
})

describe('the reading of a change', () => {
  const verify = (stage: VerificationStage) => ({ type: 'verify' as const, at: 0, stage })
  const ownStatus = (id: number) => status(id, `run:${orchestrationId} building`)
  const asPlanned = (): RepositoryReading[] => [
    readingOf('acme/A', { status: ownStatus(1) }),
    readingOf('acme/B', { status: ownStatus(2) }),
  ]
  const stageFor = (answers: object = {}, events: DatedEvent[] = built, now = 20_000): Stage =>
    new Stage(plan, events, now, { answers: { readChange: asPlanned, ...answers } })
  const resultOf = async (stage: Stage, name: VerificationStage): Promise<unknown> => {
    const [event] = await stage.perform(verify(name))
    return event?.type === 'verified' ? event.result : event
  }

  test.each<[VerificationStage, boolean, DatedEvent[]]>([
    ['while-building', false, [...built.slice(0, 3), ...dispatched('A')]],
    ['before-success', true, built],
  ])(
    '%s: the whole change is read, and nothing more while our claims are the newest statuses',
    async (name, mergeability, events) => {
      const stage = stageFor({}, events)
      expect(await resultOf(stage, name)).toEqual({ kind: 'unchanged', merged: [] })
      const repositories = ['acme/A', 'acme/B'].map((repo) => ({ repo, workflows: [] }))
      const query = { branch: 'DPTA-1', statusContext: 'orchestrator-build', repositories, repeated: 0, mergeability }
      expect(stage.requests).toEqual([['readChange', query]])
    },
  )

  test('a repeated reading says how often, so that the answer is read elsewhere', async () => {
    const events = [
      ...built,
      verified('before-success', { kind: 'unsettled', reason: '' }, 50),
      verified('before-success', { kind: 'unsettled', reason: '' }, 60),
    ]
    const stage = stageFor({}, events)
    await stage.perform(verify('before-success'))
    expect(stage.requests).toMatchObject([['readChange', { repeated: 2 }]])
  })

  test('the pull requests that are no longer open are read', async () => {
    const readChange = () => [
      readingOf('acme/A', { pullRequests: [], status: ownStatus(1) }),
      readingOf('acme/B', { status: ownStatus(2) }),
    ]
    const readPullRequest = () => ({
      ok: true,
      value: { number: 1, state: 'merged', headSha: sha('a'), baseRef: 'main' },
    })
    const stage = stageFor({ readChange, readPullRequest })
    expect(await resultOf(stage, 'before-success')).toMatchObject({ kind: 'unchanged', merged: [{ repo: 'acme/A' }] })
    expect(stage.requests.slice(1)).toEqual([['readPullRequest', 'acme/A', 1]])
  })

  test('a pull request that cannot be read, or a history, makes the change unreadable', async () => {
    const failed = () => ({ ok: false, failure: failureOf() })
    const readChange = () => [readingOf('acme/A', { pullRequests: [] }), readingOf('acme/B', { status: ownStatus(2) })]
    const unreadable = { kind: 'unreadable', failure: failureOf() }
    expect(await resultOf(stageFor({ readChange, readPullRequest: failed }), 'before-success')).toEqual(unreadable)
    const others = () => [readingOf('acme/A', { status: status(8, 'by hand') }), readingOf('acme/B')]
    expect(await resultOf(stageFor({ readChange: others, listStatuses: failed }), 'before-success')).toEqual(unreadable)
  })

  test('where another status is the newest one, the statuses of every claimed head are listed down to our claim', async () => {
    const claims = built.map((event): DatedEvent =>
      event.type === 'status-posted' ? { ...event, status: { ...event.status, createdAt: 7_000 } } : event,
    )
    const readChange = () => [
      readingOf('acme/A', { status: status(8, 'inv:abcdef12 pushed') }),
      readingOf('acme/B', { status: ownStatus(2) }),
    ]
    const listStatuses = ({ repo }: { repo: string }) => ({
      ok: true,
      value: repo === 'acme/A' ? [status(8, 'inv:abcdef12 pushed'), ownStatus(1)] : [ownStatus(2)],
    })
    const stage = stageFor({ readChange, listStatuses }, claims)
    expect(await resultOf(stage, 'before-success')).toMatchObject({
      kind: 'moved',
      findings: [{ kind: 'status-replaced', repo: 'acme/A' }],
    })
    const query = (repo: string) => [
      'listStatuses',
      { repo, headSha: sha('a'), context: 'orchestrator-build', downTo: 7_000 },
    ]
    expect(stage.requests.slice(1)).toEqual([query('acme/A'), query('acme/B')])
  })

  test('after a resume the statuses are listed down to the one before the claim, or all of them', async () => {
    const before = status(4, 'by hand', 3_000)
    const withStatus = planOf(graphOf({ A: [], B: [] }), {
      readings: [readingOf('acme/A', { status: before }), readingOf('acme/B')],
    })
    const answers = {
      readChange: asPlanned,
      listStatuses: ({ repo }: { repo: string }) => ({ ok: true, value: [ownStatus(repo === 'acme/A' ? 1 : 2)] }),
    }
    const stage = new Stage(withStatus, [...built, { type: 'resumed', at: 9_000 }], 20_000, { answers })
    await stage.perform(verify('before-success'))
    expect(stage.requests.slice(1)).toEqual([
      ['listStatuses', { repo: 'acme/A', headSha: sha('a'), context: 'orchestrator-build', downTo: 3_000 }],
      ['listStatuses', { repo: 'acme/B', headSha: sha('a'), context: 'orchestrator-build' }],
    ])
  })

  test('after success the statuses are always listed, and after a revocation never', async () => {
    const success = [unchanged, claimed('acme/A', 3, 'success'), claimed('acme/B', 4, 'success')]
    const listStatuses = ({ repo }: { repo: string }) => ({
      ok: true,
      value: repo === 'acme/A' ? [ownStatus(3), ownStatus(1)] : [ownStatus(4), ownStatus(2)],
    })
    const after = stageFor({ listStatuses }, [...built, ...success])
    expect(await resultOf(after, 'after-success')).toEqual({ kind: 'unchanged', merged: [] })
    expect(after.requests.map(([method]) => method)).toEqual(['readChange', 'listStatuses', 'listStatuses'])
    expect(after.requests[0]).toMatchObject(['readChange', { mergeability: true }])
    const last = stageFor({}, built)
    expect(await resultOf(last, 'after-revocation')).toEqual({ kind: 'unchanged', merged: [] })
    expect(last.requests).toMatchObject([['readChange', { mergeability: false }]])
  })

  test('it is repeated after a delay that depends on what it found', async () => {
    const delay = async (
      name: VerificationStage,
      readChange: () => RepositoryReading[],
      events = built,
    ): Promise<number> => {
      const stage = stageFor({ readChange }, events)
      const [event] = await stage.perform(verify(name))
      return event?.type === 'verified' ? event.nextAt - 20_000 : 0
    }
    const moved = (): RepositoryReading[] => [
      readingOf('acme/A', {
        headSha: sha('b'),
        pullRequests: [pullRequestOf('acme/A', { headSha: sha('b') })],
        status: ownStatus(1),
      }),
      readingOf('acme/B', { status: ownStatus(2) }),
    ]
    const listing = {
      listStatuses: ({ repo }: { repo: string }) => ({ ok: true, value: [ownStatus(repo === 'acme/A' ? 1 : 2)] }),
    }
    const found = stageFor({ readChange: moved, ...listing })
    const [event] = await found.perform(verify('before-success'))
    expect(event).toMatchObject({ result: { kind: 'moved' }, nextAt: 25_000 })
    expect(await delay('before-success', asPlanned)).toBeLessThanOrEqual(1_800)
    const building = [...built.slice(0, 3), ...dispatched('A')]
    expect(await delay('while-building', asPlanned, building)).toBeGreaterThanOrEqual(20_000)
    const unsettled = verified('before-success', { kind: 'unsettled', reason: '' }, 50)
    expect(
      await delay('before-success', asPlanned, [...built, unsettled, unsettled, unsettled, unsettled]),
    ).toBeGreaterThanOrEqual(6_000)
  })

  test('a reading that was in flight while the last build ended is dropped', async () => {
    const building = [...built.slice(0, 3), ...dispatched('A'), observedAt(50, 'A'), settled('B')]
    const stage = stageFor({}, building)
    stage.answers.readChange = () => {
      stage.happen(settled('A', 60))
      return asPlanned()
    }
    expect(await stage.perform(verify('while-building'))).toEqual([])
  })
})

describe('the earlier heads of a branch', () => {
  const lock = { type: 'lock-earlier-heads', at: 0 } as const
  const answers = {
    readEarlierStatuses: ({ repositories }: { repositories: { repo: string }[] }) =>
      repositories.map(({ repo }) => ({ repo, read: { ok: true, value: [] } })),
  }

  test('they are read for every head of the plan', async () => {
    const earlierHeads = [{ repo: 'acme/B', headSha: sha('2') }]
    const stage = new Stage(plan, [], 100, { answers, options: { earlierHeads, link: 'https://ci.test/1' } })
    expect(await stage.perform(lock)).toEqual([{ type: 'earlier-heads-locked', locked: [], failures: [] }])
    expect(stage.requests).toEqual([
      [
        'readEarlierStatuses',
        {
          branch: 'DPTA-1',
          statusContext: 'orchestrator-build',
          repositories: [
            { repo: 'acme/A', known: [] },
            { repo: 'acme/B', known: [sha('2')] },
          ],
          description: `${own} no longer the head that is built`,
          link: 'https://ci.test/1',
        },
      ],
    ])
  })

  test('those that planning has read are locked without another reading', async () => {
    const earlierStatuses = [
      { headSha: sha('1'), status: statusOf({ state: 'success', description: 'run:before0001 ok' }) },
    ]
    const known = planOf(graphOf({ A: [] }), { readings: [readingOf('acme/A', { earlierStatuses })] })
    const stage = new Stage(known, [], 100, { answers: { postStatus: () => posted() } })
    expect(await stage.perform(lock)).toMatchObject([{ locked: [{ repo: 'acme/A', headSha: sha('1') }] }])
  })

  test('after a pull request has joined, only those of its branch are read', async () => {
    const readings = [readingOf('acme/A'), readingOf('acme/B', { pullRequests: [] })]
    const joined = verified(
      'while-building',
      {
        kind: 'joined',
        members: [{ repo: 'acme/B', pullRequests: [pullRequestOf('acme/B')], replaced: [], status: null }],
        merged: [],
      },
      50,
    )
    const locked: DatedEvent = { type: 'earlier-heads-locked', locked: [], failures: [], at: 5 }
    const of = planOf(graphOf({ A: [], B: [] }), { readings })
    const stage = new Stage(of, [claimed('acme/A', 1), locked, joined], 100, { answers })
    expect(await stage.perform(lock)).toEqual([{ type: 'earlier-heads-locked', locked: [], failures: [], targets: 2 }])
    expect(stage.requests).toMatchObject([['readEarlierStatuses', { repositories: [{ repo: 'acme/B' }] }]])
  })
})

describe('the status of a job', () => {
  const action = {
    type: 'post-job-status',
    at: 0,
    job: 'A',
    repo: 'acme/A',
    headSha: sha('a'),
    state: 'success',
  } as const
  const events = [
    claimed('acme/A', 1),
    claimed('acme/B', 2),
    ...dispatched('A'),
    observedAt(2_000, 'A', { status: 'completed', conclusion: 'success' }),
    { ...settled('A', 3_000), reason: 'its run succeeded' } as DatedEvent,
  ]
  const stageWith = (answer: unknown, list = events): Stage =>
    new Stage(plan, list, 9_000, { answers: { postStatus: () => answer }, options: { recordJobs: true } })

  test('it is posted last, with the record of what was built', async () => {
    const stage = stageWith(posted(7))
    const [requested, answered] = await stage.perform(action)
    const description = requested?.type === 'job-status-requested' ? requested.description : ''
    expect(readRecord(description)).toEqual({
      orchestration: orchestrationId,
      fingerprint: plan.jobs[0]?.fingerprint.slice(0, 16),
    })
    expect(description).toContain('its run succeeded')
    const context = 'orchestrator-build/A'
    expect(requested).toEqual({
      type: 'job-status-requested',
      job: 'A',
      runAttempt: 1,
      context,
      state: 'success',
      description,
    })
    expect(answered).toEqual({ type: 'job-status-posted', job: 'A', runAttempt: 1, status: posted(7).status })
    expect(stage.requests).toEqual([
      [
        'postStatus',
        {
          repo: 'acme/A',
          headSha: sha('a'),
          context,
          state: 'success',
          description,
          targetUrl: 'https://github.test/run',
        },
        { urgent: false, last: true },
      ],
    ])
  })

  test('a failure is journaled, and a status that is not pending is not sent', async () => {
    expect((await stageWith({ kind: 'failed', failure: failureOf() }).perform(action))[1]).toEqual({
      type: 'job-status-failed',
      ...{ job: 'A', runAttempt: 1, failure: failureOf() },
    })
    const done: DatedEvent = { type: 'job-status-posted', job: 'A', runAttempt: 1, status: statusOf(), at: 4_000 }
    expect(await stageWith(posted(), [...events, done]).perform(action)).toEqual([])
    expect(await stageWith(posted(), events.slice(0, 4)).perform(action)).toEqual([])
  })
})
