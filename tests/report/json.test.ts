import { describe, expect, it } from 'vitest'
import { createJsonReporter } from '../../src/report/json/json.js'
import { recordOutput } from './support/recording.js'
import { createSchemaCheck } from './support/schemas.js'
import { allStories, failed, found, hostile, hostileText, succeeded } from './support/stories.js'
import { Story, startedAt } from './support/story.js'
import { examplePlan, pullRequest } from './support/plans.js'

async function lines(story: Story): Promise<Record<string, unknown>[]> {
  const { output, stream } = recordOutput()
  await story.reportTo(createJsonReporter({ output }))
  return stream.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

/** Events that no other story holds. */
function rare(): Story {
  const failure = { kind: 'forbidden' as const, message: 'no', permission: 'statuses=write', httpStatus: 403 }
  const target = { repo: 'ismenablement/repoB', headSha: '02'.repeat(20) }
  const unsettled = { kind: 'unsettled' as const, reason: 'branch and pull request disagree' }
  const verified = { type: 'verified' as const, nextAt: startedAt }
  const opened = pullRequest('ismenablement/repoB', 99, 'again', 'DPTA-1122', target.headSha)
  const joining = { repo: target.repo, pullRequests: [opened], replaced: [11], status: null }
  return new Story(examplePlan(), { maxParallel: 2, only: 'repoB' })
    .at(1, { type: 'status-failed', ...target, round: 'claim', failure })
    .at(2, { type: 'dispatch-requested', job: 'repoB', attempt: 1, serverTime: null })
    .at(2, { type: 'dispatch-refused', job: 'repoB', attempt: 1, failure })
    .dispatches(3, 'repoD')
    .at(4, { type: 'run-absent', job: 'repoD', nextAt: startedAt })
    .at(4, { type: 'cancel-requested', job: 'repoD', runId: 21_000_000_003, reason: 'timeout', force: true })
    .at(4, { type: 'cancel-failed', job: 'repoD', runId: 21_000_000_003, failure })
    .settles(5, 'repoD', 'lost', 'its run cannot be found')
    .at(6, { type: 'failure-explained', job: 'repoD', explanation: null, failure })
    .explains(6, 'repoB', { workflowJob: null, step: null, url: '', logTail: [], logFailure: failure })
    .at(7, { ...verified, stage: 'before-success', result: unsettled })
    .at(8, { ...verified, stage: 'before-success', result: { kind: 'unreadable', failure } })
    .at(8, { ...verified, stage: 'before-success', result: { kind: 'joined', members: [joining], merged: [] } })
    .at(9, { type: 'interrupted', signal: 'SIGTERM', cause: 'journal' })
    .ends(10, 'unknown', 'it is ambiguous', true)
}

describe('the JSON form', () => {
  it.each(Object.entries({ ...allStories, rare }))('every JSON line matches its schema: %s', async (_name, story) => {
    const check = createSchemaCheck('run-events')
    expect((await lines(story())).flatMap((line) => check(line).map((mistake) => [line['type'], mistake]))).toEqual([])
  })

  it('the schema of the JSON lines rejects another version', () => {
    const check = createSchemaCheck('run-events')
    expect(
      check({ version: 3, type: 'run-absent', at: '2026-11-21T01:02:03.000Z', orchestration: 'x', job: 'a' }),
    ).not.toEqual([])
  })

  it('the JSON form has one line for each event, in order', async () => {
    const story = failed()
    expect((await lines(story)).map((line) => line['type'])).toEqual(story.moments.map(({ event }) => event.type))
  })

  it('the JSON form shows how the run of a dispatch without an answer is searched for and found', async () => {
    const types = ['dispatch-ambiguous', 'listing-failed', 'runs-listed', 'resumed', 'run-adopted']
    const shown = (await lines(found())).filter(({ type }) => types.includes(String(type)))
    expect(shown.map((line) => JSON.stringify(line))).toMatchInlineSnapshot(`
      [
        "{"version":2,"type":"dispatch-ambiguous","at":"2026-11-21T01:02:08.000Z","orchestration":"01jd6x0000abcdef","job":"repoB","attempt":1,"failure":{"kind":"network","message":"the connection was cut before the answer came","remedy":null,"repository":null,"httpStatus":null,"permission":null}}",
        "{"version":2,"type":"listing-failed","at":"2026-11-21T01:02:11.000Z","orchestration":"01jd6x0000abcdef","job":"repoB","failure":{"kind":"server-error","message":"GitHub answered 502","remedy":null,"repository":null,"httpStatus":502,"permission":null}}",
        "{"version":2,"type":"listing-failed","at":"2026-11-21T01:02:12.000Z","orchestration":"01jd6x0000abcdef","job":"repoB","failure":{"kind":"server-error","message":"GitHub answered 502","remedy":null,"repository":null,"httpStatus":502,"permission":null}}",
        "{"version":2,"type":"runs-listed","at":"2026-11-21T01:02:15.000Z","orchestration":"01jd6x0000abcdef","job":"repoB","found":[]}",
        "{"version":2,"type":"resumed","at":"2026-11-21T01:02:23.000Z","orchestration":"01jd6x0000abcdef"}",
        "{"version":2,"type":"runs-listed","at":"2026-11-21T01:02:25.000Z","orchestration":"01jd6x0000abcdef","job":"repoB","found":[{"runId":21000000001,"url":"https://github.com/ismenablement/repoB/actions/runs/21000000001"}]}",
        "{"version":2,"type":"run-adopted","at":"2026-11-21T01:02:25.000Z","orchestration":"01jd6x0000abcdef","job":"repoB","attempt":1,"runId":21000000001,"url":"https://github.com/ismenablement/repoB/actions/runs/21000000001"}",
      ]
    `)
  })

  it('the started line contains the open pull requests although no status will be posted', async () => {
    const [started] = await lines(new Story({ ...examplePlan(), targets: [] }, { postStatus: false }))
    expect(started?.['pullRequests']).toHaveLength(2)
  })

  it('the first JSON line contains the plan', async () => {
    expect((await lines(succeeded()))[0]).toMatchInlineSnapshot(`
      {
        "at": "2026-11-21T01:02:03.000Z",
        "branch": "DPTA-1122",
        "jobs": [
          {
            "action": "skip",
            "built": null,
            "defaultBranch": null,
            "eventType": null,
            "headSha": null,
            "job": "repoA",
            "needs": [],
            "reason": "ismenablement/repoA has no branch DPTA-1122",
            "repository": "ismenablement/repoA",
            "usualMs": null,
            "workflow": "build.yml",
          },
          {
            "action": "run",
            "built": null,
            "defaultBranch": null,
            "eventType": null,
            "headSha": "0202020202020202020202020202020202020202",
            "job": "repoB",
            "needs": [
              "repoA",
            ],
            "reason": "the branch exists",
            "repository": "ismenablement/repoB",
            "usualMs": null,
            "workflow": "build.yml",
          },
          {
            "action": "skip",
            "built": null,
            "defaultBranch": null,
            "eventType": null,
            "headSha": null,
            "job": "repoC",
            "needs": [
              "repoA",
            ],
            "reason": "ismenablement/repoC has no branch DPTA-1122",
            "repository": "ismenablement/repoC",
            "usualMs": null,
            "workflow": "build.yml",
          },
          {
            "action": "run",
            "built": null,
            "defaultBranch": null,
            "eventType": null,
            "headSha": "0404040404040404040404040404040404040404",
            "job": "repoD",
            "needs": [
              "repoA",
            ],
            "reason": "the branch exists",
            "repository": "ismenablement/repoD",
            "usualMs": null,
            "workflow": "build.yml",
          },
          {
            "action": "skip",
            "built": null,
            "defaultBranch": null,
            "eventType": null,
            "headSha": null,
            "job": "repoE",
            "needs": [
              "repoB",
              "repoC",
              "repoD",
            ],
            "reason": "ismenablement/repoE has no branch DPTA-1122",
            "repository": "ismenablement/repoE",
            "usualMs": null,
            "workflow": "build.yml",
          },
        ],
        "link": "https://github.com/ismenablement/repoB/pull/11",
        "options": {
          "failFast": true,
          "maxParallel": null,
          "only": null,
          "postStatus": true,
          "timeoutMs": 21600000,
        },
        "orchestration": "01jd6x0000abcdef",
        "pullRequests": [
          {
            "baseBranch": "main",
            "hasMergeQueue": null,
            "headSha": "0202020202020202020202020202020202020202",
            "isDraft": false,
            "mergeable": true,
            "number": 11,
            "repository": "ismenablement/repoB",
            "title": "Parse dates strictly",
            "url": "https://github.com/ismenablement/repoB/pull/11",
          },
          {
            "baseBranch": "main",
            "hasMergeQueue": null,
            "headSha": "0404040404040404040404040404040404040404",
            "isDraft": false,
            "mergeable": true,
            "number": 13,
            "repository": "ismenablement/repoD",
            "title": "Use the strict dates",
            "url": "https://github.com/ismenablement/repoD/pull/13",
          },
        ],
        "setDigest": "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "statusContext": "orchestrator-build",
        "type": "started",
        "version": 2,
        "warnings": [],
      }
    `)
  })

  it('the last JSON line contains the outcome, the jobs and the pull requests', async () => {
    expect((await lines(succeeded())).at(-1)).toMatchInlineSnapshot(`
      {
        "at": "2026-11-21T01:03:36.000Z",
        "durationMs": 93000,
        "isAuthFailure": false,
        "jobs": [
          {
            "durationMs": null,
            "job": "repoA",
            "outcome": "skipped",
            "reason": "ismenablement/repoA has no branch DPTA-1122",
            "runId": null,
            "url": null,
          },
          {
            "durationMs": 65000,
            "job": "repoB",
            "outcome": "succeeded",
            "reason": "its run succeeded",
            "runId": 21000000001,
            "url": "https://github.com/ismenablement/repoB/actions/runs/21000000001",
          },
          {
            "durationMs": null,
            "job": "repoC",
            "outcome": "skipped",
            "reason": "ismenablement/repoC has no branch DPTA-1122",
            "runId": null,
            "url": null,
          },
          {
            "durationMs": 88000,
            "job": "repoD",
            "outcome": "succeeded",
            "reason": "its run succeeded",
            "runId": 21000000003,
            "url": "https://github.com/ismenablement/repoD/actions/runs/21000000003",
          },
          {
            "durationMs": null,
            "job": "repoE",
            "outcome": "skipped",
            "reason": "ismenablement/repoE has no branch DPTA-1122",
            "runId": null,
            "url": null,
          },
        ],
        "orchestration": "01jd6x0000abcdef",
        "outcome": "succeeded",
        "pullRequests": [
          {
            "baseBranch": "main",
            "detail": "",
            "fate": "unlocked",
            "hasMergeQueue": null,
            "headSha": "0202020202020202020202020202020202020202",
            "isDraft": false,
            "mergeable": true,
            "number": 11,
            "repository": "ismenablement/repoB",
            "title": "Parse dates strictly",
            "url": "https://github.com/ismenablement/repoB/pull/11",
          },
          {
            "baseBranch": "main",
            "detail": "",
            "fate": "unlocked",
            "hasMergeQueue": null,
            "headSha": "0404040404040404040404040404040404040404",
            "isDraft": false,
            "mergeable": true,
            "number": 13,
            "repository": "ismenablement/repoD",
            "title": "Use the strict dates",
            "url": "https://github.com/ismenablement/repoD/pull/13",
          },
        ],
        "reason": "every build succeeded and every pull request of the change is unlocked",
        "type": "finished",
        "version": 2,
      }
    `)
  })

  it('JSON lines escape hostile text, and a parser gets it unchanged', async () => {
    const { output, stream } = recordOutput()
    await hostile().reportTo(createJsonReporter({ output }))
    expect(stream.text).not.toContain('\u001b')
    expect(stream.text).not.toContain('\u202e')
    expect(stream.text).not.toContain('##[')
    expect((await lines(hostile())).at(-1)).toMatchObject({ reason: hostileText })
  })
})
