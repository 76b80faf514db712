import { describe, expect, it } from 'vitest'
import { historyToJson } from '../../src/report/json/history-json.js'
import { orchestrationToJson } from '../../src/report/json/orchestration-json.js'
import { renderHistory, renderOrchestration } from '../../src/report/views/orchestration-view.js'
import type { HistoryEntry, RecordedOrchestration, UnreadableOrchestration } from '../../src/model/build/history.js'
import { displayWidth } from '../../src/lib/text-width.js'
import { examplePlan } from './support/plans.js'
import { createSchemaCheck } from './support/schemas.js'
import { failed, fifty, hostile, partiallyMerged, succeeded, superseded, timedOut } from './support/stories.js'
import { Story, orchestrationId, startedAt } from './support/story.js'

const view = { color: false, columns: 80 }
const now = startedAt + 3 * 3_600_000

function entryOf(story: Story, state: RecordedOrchestration['state'] = 'finished'): RecordedOrchestration {
  const { orchestration } = story.last
  const driver = state === 'running' ? { name: 'process 4711', pid: 4711 } : null
  return {
    id: orchestrationId,
    location: `.orch/orchestrations/${orchestrationId}.jsonl`,
    state,
    driver,
    orchestration,
  }
}

function building(): Story {
  return new Story(examplePlan())
    .posts(1, 'claim', 'pending')
    .dispatches(2, 'repoD')
    .sees(9, 'repoD', 'in_progress')
    .builds(10, 60, 'repoB')
}

const unreadable: UnreadableOrchestration = {
  id: '01jd6w0000abcdef',
  location: '.orch/orchestrations/01jd6w0000abcdef.jsonl',
  state: 'unreadable',
  problem: 'a newer orch wrote it, in version 2 of its format',
  remedy: 'Use the orch that wrote it.',
}

const all = (): HistoryEntry[] => [
  entryOf(building(), 'running'),
  entryOf(building(), 'unfinished'),
  ...[succeeded(), failed(), timedOut(), superseded(), partiallyMerged()].map((story) => entryOf(story)),
  unreadable,
]

function isOneScreenWide(text: string): boolean {
  return text.split('\n').every((line) => displayWidth(line) <= 80 || /https?:/u.test(line))
}

describe('the list of orchestrations', () => {
  it('the list shows each orchestration in two lines: its identity and its state', () => {
    expect(`\n${renderHistory(all(), now, view)}`).toMatchInlineSnapshot(`
      "
      ● 01jd6x0000abcdef  DPTA-1122  running           3h ago   3h 00m
          5 jobs: 1 succeeded, 1 active, 3 skipped
      ! 01jd6x0000abcdef  DPTA-1122  unfinished        3h ago   1m 00s
          orch resume 01jd6x0000abcdef continues it; 5 jobs: 1 succeeded, 1 active, 3…
      ✔ 01jd6x0000abcdef  DPTA-1122  succeeded         3h ago   1m 33s
          5 jobs: 2 succeeded, 3 skipped; every build succeeded and every pull reques…
      ✖ 01jd6x0000abcdef  DPTA-1122  failed            3h ago   1m 11s
          5 jobs: 1 failed, 1 cancelled, 3 skipped; repoB failed: its run concluded f…
      ✖ 01jd6x0000abcdef  DPTA-1122  timed out         3h ago   31m 11s
          5 jobs: 1 failed, 3 skipped, 1 not run; repoB timed out: its run was in pro…
      ✖ 01jd6x0000abcdef  DPTA-1122  superseded        3h ago   1m 03s
          5 jobs: 2 succeeded, 3 skipped; ismenablement/repoB moved from 0202020 to 9…
      ✖ 01jd6x0000abcdef  DPTA-1122  PARTIALLY MERGED  3h ago   1m 03s
          5 jobs: 2 succeeded, 3 skipped; ismenablement/repoB#11 was merged, but the …
      ✖ 01jd6w0000abcdef  -          unreadable
          a newer orch wrote it, in version 2 of its format: .orch/orchestrations/01j…
      "
    `)
  })

  it('the list says that there are no orchestrations', () => {
    expect(renderHistory([], now, view)).toBe('There are no orchestrations here; orch run starts one.\n')
  })

  it.each([
    [12_000, '12s ago'],
    [300_000, '5m ago'],
    [47 * 3_600_000, '47h ago'],
    [12 * 86_400_000, '12d ago'],
    [-5_000, '0s ago'],
  ])('the list shows an orchestration that started %i ms ago with %s', (ms, text) => {
    expect(renderHistory([entryOf(succeeded())], startedAt + ms, view)).toContain(text)
  })

  it('the list fits 80 columns and prints no control character of hostile names', () => {
    const evil = { ...unreadable, id: '\u001b[2J\u202e', location: 'a\nb', problem: '::error::x' }
    const text = renderHistory([entryOf(hostile()), entryOf(fifty(true)), evil], now, view)
    expect(isOneScreenWide(text)).toBe(true)
    expect(text).not.toMatch(/[^\n\P{C}]/u)
    expect(text).not.toMatch(/^\s*::/mu)
    expect(text.trimEnd().split('\n')).toHaveLength(6)
  })

  it('the JSON list counts every job, including those whose runs were left running', () => {
    const story = building().settles(60, 'repoD', 'left-running', 'its run was left running')
    const [entry] = historyToJson([entryOf(story)], now).orchestrations
    expect(entry?.jobCounts).toMatchObject({ all: 5, leftRunning: 1 })
  })

  it('the JSON list matches its schema, empty or not', () => {
    const check = createSchemaCheck('list')
    expect(check(historyToJson([], now))).toEqual([])
    const document = historyToJson([...all(), entryOf(hostile())], now)
    expect(check(document)).toEqual([])
    expect(document).toMatchObject({
      orchestrations: [
        { state: 'running', processId: 4711, durationMs: now - startedAt, outcome: null },
        { state: 'unfinished', processId: null, durationMs: 60_000, jobCounts: { all: 5, succeeded: 1, active: 1 } },
        { state: 'finished', outcome: 'succeeded', durationMs: 93_000 },
        { outcome: 'failed', reason: failed().last.orchestration.ending?.reason },
        {},
        {},
        {},
        { state: 'unreadable', branch: null, problem: unreadable.problem },
        {},
      ],
    })
  })
})

describe('one orchestration', () => {
  it('an orchestration that failed is shown with jobs, attempts, links, failures, statuses, outcome and next step', () => {
    expect(`\n${renderOrchestration(entryOf(failed()), now, view)}`).toMatchInlineSnapshot(`
      "
      DPTA-1122  2 of 5 repositories have the branch  01jd6x0000abcdef
        without the branch: repoA, repoC, repoE
        started 2026-11-21T01:02:03Z (3h ago), ended 2026-11-21T01:03:14Z

      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✖ repoB  failed      1m 03s  attempt 1, run attempt 1
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ✖ repoD  cancelled   1m 08s  attempt 1, run attempt 1
          https://github.com/ismenablement/repoD/actions/runs/21000000003
          cancelled because another build did not succeed
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122
      5 jobs: 1 failed, 1 cancelled, 3 skipped

      Times
        repoB    ░░░░░░██████████████████████████████████████████████████✖      1m 03s
      ◆ repoD    ░░██████████████████████████████████████████████████████████✖  1m 08s
               │0s      │10s     │20s     │30s     │40s     │50s     │1m      │1m 10s
        ◆ critical path, ░ queued, █ running, ✖ did not succeed
        makespan 1m 10s, 1.03 times the critical path of 1m 08s

        repoB: its run concluded failure
          at build / Run tests
          https://github.com/ismenablement/repoB/actions/runs/21000000001/job/7
          │ not ok 1 - parses dates
          │   expected 2026-11-21
          │ Error: 1 test failed

      Pull requests and statuses
        repoB#11  locked (failure)  https://github.com/ismenablement/repoB/pull/11
          claim    2026-11-21T01:02:04Z  pending  run:01jd6x0000abcdef pending
          closing  2026-11-21T01:03:14Z  failure  run:01jd6x0000abcdef failure
        repoD#13  locked (failure)  https://github.com/ismenablement/repoD/pull/13
          claim    2026-11-21T01:02:04Z  pending  run:01jd6x0000abcdef pending
          closing  2026-11-21T01:03:14Z  failure  run:01jd6x0000abcdef failure

      ✖ DPTA-1122 failed after 1m 11s
        repoB failed: its run concluded failure

        Fix the build, push, and run \`orch run DPTA-1122\`.
      "
    `)
  })

  it('an orchestration without a process is shown as of its last event, with how to continue it', () => {
    const text = renderOrchestration(entryOf(building(), 'unfinished'), now, view)
    expect(`\n${text}`).toMatchInlineSnapshot(`
      "
      DPTA-1122  2 of 5 repositories have the branch  01jd6x0000abcdef
        without the branch: repoA, repoC, repoE
        started 2026-11-21T01:02:03Z (3h ago), last event 2026-11-21T01:03:03Z

      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✔ repoB  succeeded      50s  attempt 1, run attempt 1
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ● repoD  running        58s  attempt 1, run attempt 1
          https://github.com/ismenablement/repoD/actions/runs/21000000003
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122
      5 jobs: 1 succeeded, 1 active, 3 skipped

      Times
      ◆ repoD    ░░░░░░░█████████████████████████████████████████████████████▸     58s
        repoB             ░░██████████████████████████████████████████████████     50s
               │0s        │10s      │20s       │30s      │40s       │50s      │1m
        ◆ critical path, ░ queued, █ running, ▸ still running
        makespan so far 1m 00s, 1.03 times the critical path of 58s

      Pull requests and statuses
        repoB#11  locked (pending)  https://github.com/ismenablement/repoB/pull/11
          claim    2026-11-21T01:02:04Z  pending  run:01jd6x0000abcdef pending
        repoD#13  locked (pending)  https://github.com/ismenablement/repoD/pull/13
          claim    2026-11-21T01:02:04Z  pending  run:01jd6x0000abcdef pending

      ! DPTA-1122 unfinished after 1m 00s
        No process runs it, and the journal does not show what its workflow runs did
        since. To continue it: orch resume 01jd6x0000abcdef
      "
    `)
  })

  it('a running orchestration is shown with the current time and its process', () => {
    const text = renderOrchestration(entryOf(building(), 'running'), now, view)
    expect(text).toMatch(/repoD +running +2h 59m {2}attempt 1, run attempt 1/u)
    expect(text).toContain('running for 3h 00m\n  Driven by process 4711.')
  })

  it('a resumed orchestration shows for how long no process ran it', () => {
    const story = building().at(3_660, { type: 'resumed' })
    const text = renderOrchestration(entryOf(story, 'running'), now, view)
    expect(text.replaceAll(/\s+/gu, ' ')).toContain('resumed after 1h 00m without a process')
  })

  it('an orchestration shows statuses that failed, were not answered, or were withheld', () => {
    const story = new Story(examplePlan())
    const [b, d] = story.plan.targets
    if (!b || !d) throw new Error('the plan has two targets')
    const failure = { kind: 'forbidden' as const, message: 'GitHub refused to post a status' }
    story.at(1, { type: 'status-failed', ...b, round: 'claim', failure })
    story.at(1, { type: 'status-requested', ...d, round: 'claim', state: 'pending', description: 'run:x' })
    const text = renderOrchestration(entryOf(story, 'running'), now, view)
    expect(text).toContain('claim    failed: GitHub refused to post a status')
    expect(text).toContain('claim    2026-11-21T01:02:04Z  requested, not answered')
    story.at(2, { type: 'status-withheld', ...d, round: 'closing', reason: 'its newest status is not ours' })
    expect(renderOrchestration(entryOf(story, 'running'), now, view)).toContain(
      'closing  not posted: its newest status is not ours',
    )
  })

  it('an orchestration with 50 jobs fits 80 columns and prints no control character of hostile names', () => {
    expect(isOneScreenWide(renderOrchestration(entryOf(fifty(true)), now, view))).toBe(true)
    const text = renderOrchestration(entryOf(hostile()), now, view)
    expect(text).toContain('\\u{202e}gpj')
    expect(text).not.toMatch(/[^\n\P{C}]/u)
    expect(text).not.toMatch(/^\s*::/mu)
  })

  it('the JSON of an orchestration matches its schema, in every state and with every outcome', () => {
    const check = createSchemaCheck('show')
    const refused = new Story(examplePlan())
    const [target] = refused.plan.targets
    if (!target) throw new Error('the plan has a target')
    const failure = { kind: 'timeout' as const, message: 'no answer' }
    refused.at(1, { type: 'status-failed', ...target, round: 'claim', failure })
    refused.at(2, { type: 'dispatch-requested', job: 'repoB', attempt: 1, serverTime: null })
    refused.at(3, { type: 'dispatch-ambiguous', job: 'repoB', attempt: 1, failure })
    refused.at(4, { type: 'interrupted', signal: 'SIGINT', cause: 'signal' })
    const entries = [...all(), entryOf(hostile()), entryOf(refused, 'unfinished')]
    for (const entry of entries) {
      if (entry.state !== 'unreadable') expect(check(orchestrationToJson(entry, now))).toEqual([])
    }
    expect(orchestrationToJson(entryOf(refused, 'unfinished'), now)).toMatchObject({
      interruptedBy: 'SIGINT',
      jobs: [{}, { job: 'repoB', phase: 'searching', failure: { kind: 'timeout' }, durationMs: 2_000 }, {}, {}, {}],
    })
    expect(orchestrationToJson(entryOf(failed()), now)).toMatchObject({
      outcome: 'failed',
      makespanMs: 70_000,
      criticalPathMs: 68_000,
      criticalPath: ['repoD'],
      jobs: [
        { inProgressAt: null },
        {
          inProgressAt: '2026-11-21T01:02:12.000Z',
          outcome: 'failed',
          attempt: 1,
          runAttempt: 1,
          explanation: { step: 'Run tests' },
        },
        {},
        {},
        {},
      ],
      statuses: [
        { round: 'claim', state: 'pending' },
        { round: 'closing', state: 'failure' },
        { round: 'claim' },
        { round: 'closing' },
      ],
    })
  })
})
