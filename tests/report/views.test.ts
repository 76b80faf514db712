import { describe, expect, it } from 'vitest'
import type { ChangeStatus } from '../../src/model/change-status.js'
import type { Failure } from '../../src/model/failure.js'
import type { Invalidation } from '../../src/model/invalidation.js'
import { renderChangeStatus } from '../../src/report/views/change-status-view.js'
import { renderFailure } from '../../src/report/views/failure-view.js'
import { renderInvalidation } from '../../src/report/views/invalidation-view.js'
import { changeStatusToJson } from '../../src/report/json/change-status-json.js'
import { invalidationToJson } from '../../src/report/json/invalidation-json.js'
import { jsonDocument } from '../../src/report/json/json.js'
import { planToJson } from '../../src/report/json/plan-json.js'
import { renderPlan } from '../../src/report/views/plan-view.js'
import { formatDuration, formatMoment } from '../../src/report/time-text.js'
import { displayWidth } from '../../src/lib/text-width.js'
import { defaultOptions, examplePlan, pullRequest, shaOf, sketchPlan } from './support/plans.js'
import { createSchemaCheck } from './support/schemas.js'
import { fifty, hostile, hostileText } from './support/stories.js'
import { startedAt } from './support/story.js'

const view = { color: false, columns: 80 }
const forbidden: Failure = {
  kind: 'forbidden',
  message: 'GitHub refused to post a status',
  remedy: 'Give the token "Commit statuses: write"',
  repo: 'ismenablement/repoD',
  httpStatus: 403,
  permission: 'statuses=write',
}

function isOneScreenWide(text: string): boolean {
  return text.split('\n').every((line) => displayWidth(line) <= 80 || /https?:/u.test(line))
}

describe('the plan', () => {
  it('the plan shows the order, the skipped jobs with the reason, and what would be unlocked', () => {
    expect(`\n${renderPlan(examplePlan(), defaultOptions, view)}`).toMatchInlineSnapshot(`
      "
      DPTA-1122  in 2 of 5 repositories, 2 builds  set 0123456789ab

      Step 1
        ↓ repoA  skip   ismenablement/repoA has no branch DPTA-1122
      Step 2, 2 in parallel
        ● repoB  run    0202020  build.yml  after repoA  (the branch exists)
        ↓ repoC  skip   ismenablement/repoC has no branch DPTA-1122
        ● repoD  run    0404040  build.yml  after repoA  (the branch exists)
      Step 3
        ↓ repoE  skip   ismenablement/repoE has no branch DPTA-1122

      A job starts when its own needs are settled; as parallel as the graph allows; a
      failure cancels the rest; ends after 6h 00m at the latest.

      Expected makespan: not known, because these builds have no earlier runs
        longest chain of builds: repoB
        6 writes to GitHub: 2 claims, 2 dispatches, 2 successes
        GitHub's limits delay none of them

      Unlocks, if every build succeeds
        repoB#11  Parse dates strictly
          https://github.com/ismenablement/repoB/pull/11
        repoD#13  Use the strict dates
          https://github.com/ismenablement/repoD/pull/13
      "
    `)
  })

  it('the plan says why nothing would be unlocked', () => {
    const bare = sketchPlan('DPTA-7', [{ id: 'lib' }], ['lib has no open pull request'])
    expect(`\n${renderPlan(bare, { ...defaultOptions, maxParallel: 2, failFast: false }, view)}`)
      .toMatchInlineSnapshot(`
        "
        DPTA-7  in 1 of 1 repository, 1 build  set 0123456789ab

        Step 1
          ● lib  run    0101010  build.yml  (the branch exists)

        A job starts when its own needs are settled; at most 2 in parallel; after a
        failure the rest finishes; ends after 6h 00m at the latest.

        Expected makespan: not known, because these builds have no earlier runs
          longest chain of builds: lib
          1 write to GitHub: 1 dispatch
          GitHub's limits delay none of them

        Unlocks nothing: no pull request of this branch is open.

        ! lib has no open pull request
        "
      `)
    const only = { ...defaultOptions, postStatus: false, only: 'repoB' }
    const jobs = examplePlan().jobs.map((job) => (job.job === 'repoD' ? { ...job, action: 'exclude' as const } : job))
    const leaving = renderPlan({ ...examplePlan(), jobs }, only, view)
    expect(leaving).toContain('Unlocks nothing: --only excludes repoD, not fresh.')
    const silent = { ...defaultOptions, postStatus: false }
    expect(renderPlan(examplePlan(), silent, view)).toContain('Unlocks nothing: --no-status writes no commit status.')
  })

  it('the plan shows why jobs are fresh, and that everything is unlocked already', () => {
    const url = 'https://github.com/ismenablement/repoB/actions/runs/42'
    const fresh = {
      action: 'fresh' as const,
      reason: 'built 2 h ago by run 42',
      built: { runId: 42, url, endedAt: Date.UTC(2026, 10, 21) },
    }
    const jobs = examplePlan().jobs.map((job) => (job.action === 'run' ? { ...job, ...fresh } : job))
    const plan = { ...examplePlan(), jobs, isUnlocked: true }
    const text = renderPlan(plan, defaultOptions, view)
    expect(text).toMatch(/repoB +fresh +built 2 h ago by run 42\n/u)
    expect(text).toContain('Already built and unlocked\n')
    const json = planToJson(plan, defaultOptions)
    expect(createSchemaCheck('plan')(json)).toEqual([])
    expect(json['isUnlocked']).toBe(true)
  })

  it('the plan fits 80 columns with 50 jobs and with hostile names', () => {
    expect(isOneScreenWide(renderPlan(fifty(false).plan, defaultOptions, view))).toBe(true)
    const text = renderPlan(hostile().plan, defaultOptions, view)
    expect(text).not.toMatch(/[^\n\P{C}]/u)
    expect(text).toContain('\\u{202e}gpj')
  })

  it('the JSON plan matches its schema', () => {
    const check = createSchemaCheck('plan')
    for (const plan of [examplePlan(), fifty(false).plan, hostile().plan]) {
      expect(check(planToJson(plan, defaultOptions))).toEqual([])
    }
    expect(planToJson(examplePlan(), { ...defaultOptions, postStatus: false })).toMatchObject({
      version: 2,
      unlocks: [],
    })
    expect(planToJson(examplePlan(), defaultOptions)['unlocks']).toHaveLength(2)
  })
})

function invalidation(): Invalidation {
  const of = (repo: string, number: number): ReturnType<typeof pullRequest> =>
    pullRequest(repo, number, 'Title', 'DPTA-1122', shaOf(number))
  return {
    earlierHeads: { locked: [], failures: [] },
    id: '01jd6x0000abcdef',
    branch: null,
    reason: 'repoB was pushed',
    isDryRun: false,
    noLockReason: null,
    pullRequests: [
      { repo: 'ismenablement/repoB', pullRequest: of('ismenablement/repoB', 1), result: { kind: 'invalidated' } },
      { repo: 'ismenablement/repoC', pullRequest: of('ismenablement/repoC', 2), result: { kind: 'unchanged' } },
      {
        repo: 'ismenablement/repoD',
        pullRequest: of('ismenablement/repoD', 3),
        result: { kind: 'failed', failure: forbidden },
      },
    ],
    unreadable: [{ repo: 'ismenablement/repoE', failure: { kind: 'not-found', message: 'Not Found' } }],
  }
}

describe('an invalidation', () => {
  it('an invalidation shows each pull request and each failure', () => {
    expect(`\n${renderInvalidation(invalidation(), view)}`).toMatchInlineSnapshot(`
      "
      Locking every coordinated branch: repoB was pushed
        ✔ repoB#1  locked  DPTA-1122  https://github.com/ismenablement/repoB/pull/1
        ↓ repoC#2  already locked  DPTA-1122
          https://github.com/ismenablement/repoC/pull/2
        ✖ repoD#3  failed  DPTA-1122  https://github.com/ismenablement/repoD/pull/3
          GitHub refused to post a status. Give the token "Commit statuses: write"
        ✖ repoE  not read
          Not Found
      3 pull requests: 1 locked, 1 already locked, 1 failed, 1 repository not read.
      "
    `)
  })

  it('an invalidation says that there was nothing to lock', () => {
    const none = { ...invalidation(), branch: 'DPTA-9', pullRequests: [], unreadable: [], isDryRun: true }
    expect(`\n${renderInvalidation(none, view)}`).toMatchInlineSnapshot(`
      "
      Would lock DPTA-9: repoB was pushed
      No pull request is open: nothing to lock.
      "
    `)
  })

  it.each([
    ['green', 'Nothing to lock: each success is for the change as it is now.\n'],
    ['no-success', 'Nothing to lock: no open pull request has a success.\n'],
  ] as const)('an invalidation that was not needed (%s) is one line', (noLockReason, line) => {
    expect(renderInvalidation({ ...invalidation(), noLockReason, pullRequests: [], unreadable: [] }, view)).toBe(line)
  })

  it.each([null, 'green', 'no-success'] as const)(
    'the JSON of an invalidation matches its schema (%s)',
    (noLockReason) => {
      expect(createSchemaCheck('invalidate')(invalidationToJson({ ...invalidation(), noLockReason }))).toEqual([])
    },
  )
})

function changeStatus(): ChangeStatus {
  const status = {
    id: 1,
    state: 'success' as const,
    context: 'orchestrator-build',
    description: 'run:01jd6x0000abcdef set:0123456789ab',
    targetUrl: 'https://github.com/x',
    creator: 'octocat',
    createdAt: startedAt,
  }
  const member = (repo: string, number: number) => ({
    kind: 'member' as const,
    repo,
    headSha: shaOf(number),
    pullRequests: [pullRequest(repo, number, hostileText, 'DPTA-1122', shaOf(number))],
    isAhead: false,
    blockers: [],
    otherBases: [],
    isBaseUnknown: false,
  })
  return {
    branch: 'DPTA-1122',
    statusContext: 'orchestrator-build',
    setDigest: null,
    repositories: [
      { kind: 'absent', repo: 'ismenablement/repoA' },
      { ...member('ismenablement/repoB', 1), status, digestMatches: true },
      { ...member('ismenablement/repoC', 2), status, digestMatches: false },
      { ...member('ismenablement/repoD', 3), status: { ...status, state: 'pending' }, digestMatches: null },
      { ...member('ismenablement/repoE', 4), status: null, digestMatches: null, pullRequests: [] },
      { kind: 'unreadable', repo: 'ismenablement/repoF', failure: forbidden },
    ],
    verdict: 'not-green',
  }
}

describe("a change's status", () => {
  it('the status of a change is one table with a verdict', () => {
    expect(`\n${renderChangeStatus(changeStatus(), view)}`).toMatchInlineSnapshot(`
      "
      DPTA-1122  orchestrator-build  set unknown

      Repository  Branch     Head     Pull request  Status   Digest
      repoA       absent
      repoB       DPTA-1122  0202020  #1            success  matches
      repoC       DPTA-1122  0303030  #2            success  differs
      repoD       DPTA-1122  0404040  #3            pending  -
      repoE       DPTA-1122  0505050  none          none     -
      repoF       not read

      repoF: GitHub refused to post a status

      Not green.
        repoC: tested with other commits or bases by the orchestration
        01jd6x0000abcdef (octocat, 2026-11-21T01:02:03Z)
        repoD: locked by the orchestration 01jd6x0000abcdef: (octocat,
        2026-11-21T01:02:03Z)

      Next:
        orch run DPTA-1122
        orch watch 01jd6x0000abcdef
      "
    `)
  })

  it('the status of a change fits 80 columns with long names, except for a command, which is not cut', () => {
    const long = { ...changeStatus(), branch: `DPTA-${'x'.repeat(200)}` }
    const lines = renderChangeStatus(long, view).split('\n')
    const commands = lines.filter((line) => line.startsWith('  orch '))
    expect(commands).toEqual([`  orch run ${long.branch}`, '  orch watch 01jd6x0000abcdef'])
    expect(isOneScreenWide(lines.filter((line) => !commands.includes(line)).join('\n'))).toBe(true)
  })

  it('at 40 columns the status of a change leaves out heads and pull requests, so that status and digest are seen', () => {
    expect(`\n${renderChangeStatus(changeStatus(), { ...view, columns: 40 })}`).toMatchInlineSnapshot(`
      "
      DPTA-1122  orchestrator-build  set unkn…

      Repository  Branch     Status   Digest
      repoA       absent
      repoB       DPTA-1122  success  matches
      repoC       DPTA-1122  success  differs
      repoD       DPTA-1122  pending  -
      repoE       DPTA-1122  none     -
      repoF       not read

      repoF: GitHub refused to post a status

      Not green.
        repoC: tested with other commits or
        bases by the orchestration
        01jd6x0000abcdef (octocat,
        2026-11-21T01:02:03Z)
        repoD: locked by the orchestration
        01jd6x0000abcdef: (octocat,
        2026-11-21T01:02:03Z)

      Next:
        orch run DPTA-1122
        orch watch 01jd6x0000abcdef
      "
    `)
  })

  it.each([36, 40, 60])('status and digest of a change with long names are seen at %i columns', (columns) => {
    const long = { ...changeStatus(), branch: `DPTA-${'x'.repeat(200)}` }
    const lines = renderChangeStatus(long, { ...view, columns }).split('\n')
    expect(lines[2]).toMatch(/Status +Digest$/u)
    expect(lines.find((line) => line.startsWith('repoB'))).toMatch(/success +matches$/u)
  })

  it('the status of a change names its other bases, and a success whose bases are unknown', () => {
    const base = { repo: 'ismenablement/repoB', number: 1, defaultBranch: 'main' }
    const otherBases = [
      { ...base, baseRef: 'release', stacked: null },
      { ...base, number: 2, baseRef: 'DPTA-7', stacked: 'refused' as const },
    ]
    const repositories = changeStatus().repositories.map((row) =>
      row.kind === 'member' && row.digestMatches === true
        ? { ...row, digestMatches: null, isBaseUnknown: true, otherBases }
        : row,
    )
    const text = renderChangeStatus({ ...changeStatus(), repositories }, view)
    expect(text.split('\n').filter((line) => line.startsWith('repoB'))).toEqual([
      'repoB       DPTA-1122  0202020  #1            success  unknown',
    ])
    expect(text.replace(/\s+/gu, ' ')).toContain(
      '! ismenablement/repoB#1 merges into release, not into the default branch main ' +
        '! ismenablement/repoB#2 is stacked on DPTA-7, the branch of another change: orch run refuses it without ' +
        'stacked-pull-requests: allow in the graph file ' +
        '! an older version posted success on ismenablement/repoB and did not record the bases: orch run posts it again, ' +
        'without a build',
    )
    expect(createSchemaCheck('status')(changeStatusToJson({ ...changeStatus(), repositories }))).toEqual([])
  })

  it('the JSON status of a change matches its schema', () => {
    expect(createSchemaCheck('status')(changeStatusToJson(changeStatus()))).toEqual([])
  })

  it('the JSON status of a change matches its schema if a status was read by GraphQL, which returns no id', () => {
    const status = changeStatus()
    const repositories = status.repositories.map((row) =>
      row.kind === 'member' && row.status ? { ...row, status: { ...row.status, id: null } } : row,
    )
    const document = changeStatusToJson({ ...status, repositories })
    expect(createSchemaCheck('status')(document)).toEqual([])
    expect(document.repositories.filter(({ status: read }) => read?.id === null)).not.toEqual([])
  })
})

describe('a failure', () => {
  it('a failure says what happened, why, and what to do', () => {
    expect(`\n${renderFailure(forbidden, view)}`).toMatchInlineSnapshot(`
      "
      error: ismenablement/repoD: GitHub refused to post a status
        why: the token lacks a permission: statuses=write in ismenablement/repoD (HTTP 403)
        what to do: Give the token "Commit statuses: write"
      "
    `)
  })

  it('a failure asks for a token for the host that refused it', () => {
    const text = renderFailure({ kind: 'unauthorized', message: 'ghe.example.com refused the token' }, view)
    expect(text).toContain('what to do: Set a valid token for this host: see docs/authentication.md.')
    expect(text).not.toContain('GH_TOKEN')
  })

  it('a failure is three lines, whatever its message contains', () => {
    const failure: Failure = {
      kind: 'server-error',
      message: hostileText,
      permission: hostileText,
      remedy: hostileText,
    }
    expect(renderFailure(failure, view).trimEnd().split('\n')).toHaveLength(3)
  })
})

describe('times and documents', () => {
  it.each([
    [0, '0s'],
    [-5, '0s'],
    [59_999, '59s'],
    [65_000, '1m 05s'],
    [3_599_999, '59m 59s'],
    [7_380_000, '2h 03m'],
  ])('a duration of %i ms is shown as %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

  it('a point in time is shown in UTC in seconds', () =>
    expect(formatMoment(startedAt + 999)).toBe('2026-11-21T01:02:03Z'))

  it('a JSON document ends with a newline', () =>
    expect(jsonDocument({ version: 2, orchestrations: [] })).toBe('{\n  "version": 2,\n  "orchestrations": []\n}\n'))
})
