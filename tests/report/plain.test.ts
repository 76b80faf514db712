import { describe, expect, it } from 'vitest'
import { createPlainReporter } from '../../src/report/plain/plain.js'
import { examplePlan, sketchPlan } from './support/plans.js'
import { Story } from './support/story.js'
import { recordOutput } from './support/recording.js'
import {
  awaitingApproval,
  cancelled,
  failed,
  fifty,
  found,
  hostile,
  notFound,
  nothingToUnlock,
  partiallyMerged,
  partlyFresh,
  succeeded,
  superseded,
  timedOut,
} from './support/stories.js'

async function plain(story: Story): Promise<string> {
  const { output, stream } = recordOutput()
  await story.reportTo(createPlainReporter({ output }))
  return `\n${stream.text}`
}

/** The lines until the pull requests of the example are locked, as one test below shows them. */
const lockingLines = 5

/** The plain form of a story of the example, from the first dispatch on. */
async function plainAfterLocking(story: Story): Promise<string> {
  const [lines, ofSuccess] = (await Promise.all([plain(story), plain(succeeded())])).map((text) => text.split('\n'))
  // The text begins with a line break.
  expect(lines!.slice(0, lockingLines + 1)).toEqual(ofSuccess!.slice(0, lockingLines + 1))
  return `\n${lines!.slice(lockingLines + 1).join('\n')}`
}

describe('the plain form', () => {
  it('the plain form shows a change that succeeded', async () => {
    expect(await plain(succeeded())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:03Z DPTA-1122  started  orchestration 01jd6x0000abcdef: 2 of 5 repositories have the branch, 2 open pull requests
      2026-11-21T01:02:04Z repoB#11   locked  (pending)  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:02:04Z repoD#13   locked  (pending)  https://github.com/ismenablement/repoD/pull/13
      2026-11-21T01:02:04Z repoA      skipped  ismenablement/repoA has no branch DPTA-1122
      2026-11-21T01:02:04Z repoC      skipped  ismenablement/repoC has no branch DPTA-1122
      2026-11-21T01:02:05Z repoB      dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:07Z repoB      running
      2026-11-21T01:03:10Z repoB      succeeded after 1m 05s  its run succeeded  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:05Z repoD      dispatched  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:02:07Z repoD      running
      2026-11-21T01:03:33Z repoD      succeeded after 1m 28s  its run succeeded  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:03:33Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:03:34Z DPTA-1122  verified  before unlocking: nothing moved
      2026-11-21T01:03:35Z repoB#11   unlocked  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:03:35Z repoD#13   unlocked  https://github.com/ismenablement/repoD/pull/13
      2026-11-21T01:03:36Z DPTA-1122  verified  after unlocking: nothing moved
      2026-11-21T01:03:36Z DPTA-1122  succeeded  every build succeeded and every pull request of the change is unlocked (after 1m 33s)
      2026-11-21T01:03:36Z DPTA-1122  next  Merge the pull requests: they were tested together.
      "
    `)
  })

  it('the plain form shows a failed build with the end of its log, and a reading without news only once', async () => {
    expect(await plainAfterLocking(failed())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:05Z repoB      dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:05Z repoD      dispatched  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:02:07Z repoB      queued
      2026-11-21T01:02:07Z repoD      running
      2026-11-21T01:02:12Z repoB      running
      2026-11-21T01:03:08Z repoB      failed after 1m 03s  its run concluded failure  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:03:08Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:03:08Z repoD      cancelling  fail-fast
      2026-11-21T01:03:09Z repoB      failed at  build / Run tests  https://github.com/ismenablement/repoB/actions/runs/21000000001/job/7
      2026-11-21T01:03:09Z repoB      |  not ok 1 - parses dates
      2026-11-21T01:03:09Z repoB      |    expected 2026-11-21
      2026-11-21T01:03:09Z repoB      |  Error: 1 test failed
      2026-11-21T01:03:13Z repoD      cancelled after 1m 08s  cancelled because another build did not succeed  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:03:14Z repoB#11   stays locked  (failure)  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:03:14Z repoD#13   stays locked  (failure)  https://github.com/ismenablement/repoD/pull/13
      2026-11-21T01:03:14Z DPTA-1122  failed  repoB failed: its run concluded failure (after 1m 11s)
      2026-11-21T01:03:14Z DPTA-1122  next  Fix the build, push, and run \`orch run DPTA-1122\`.
      "
    `)
  })

  it('the plain form shows a build that timed out and was cancelled by force', async () => {
    expect(await plainAfterLocking(timedOut())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:05Z repoB      dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:07Z repoB      running
      2026-11-21T01:32:07Z repoB      cancelling  job-timeout
      2026-11-21T01:33:07Z repoB      cancelling by force  job-timeout
      2026-11-21T01:33:13Z repoB      timed out after 31m 08s  its run was in progress for longer than timeout-minutes  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:33:13Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:33:13Z repoD      not run  not started: repoB timed out
      2026-11-21T01:33:14Z repoB#11   stays locked  (failure)  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:33:14Z repoD#13   stays locked  (failure)  https://github.com/ismenablement/repoD/pull/13
      2026-11-21T01:33:14Z DPTA-1122  timed out  repoB timed out: its run was in progress for longer than timeout-minutes (after 31m 11s)
      2026-11-21T01:33:14Z DPTA-1122  next  Make the build of repoB faster, or raise its timeout-minutes in the graph file (now 30); then run \`orch run DPTA-1122\`.
      "
    `)
  })

  it('the plain form shows what a run waits for, by whom and where, and who rejected it', async () => {
    expect(await plainAfterLocking(awaitingApproval())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:05Z repoB      dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:05Z repoD      dispatched  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:02:07Z repoB      running
      2026-11-21T01:02:08Z repoD      waiting  for an approval; the environment could not be read: GitHub answered 502  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:03:03Z repoB      waiting  for the approval of the environment production by alice or team release  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:12:03Z repoB      failed after 9m 58s  its run concluded failure after it waited for the approval of the environment production by alice  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:12:03Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:12:04Z repoB      rejected  by alice: the deployment to production: Not on a Friday.  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:32:08Z repoD      cancelling  approval-timeout
      2026-11-21T01:32:13Z repoD      timed out after 30m 08s  its run waited for an approval, for longer than approval-timeout-minutes  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:32:14Z repoB#11   stays locked  (failure)  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:32:14Z repoD#13   stays locked  (failure)  https://github.com/ismenablement/repoD/pull/13
      2026-11-21T01:32:14Z DPTA-1122  failed  repoB failed: its run concluded failure after it waited for the approval of the environment production by alice (after 30m 11s)
      2026-11-21T01:32:14Z DPTA-1122  next  Ask alice why the deployment was rejected (repoB); have the run approved in time on its page, or raise approval-timeout-minutes of repoD in the graph file (now 30) (repoD); then run \`orch run DPTA-1122\`.
      "
    `)
  })

  it('the plain form shows what moved in a superseded orchestration and which pull request was left alone', async () => {
    expect(await plainAfterLocking(superseded())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:05Z repoB      dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:07Z repoB      running
      2026-11-21T01:03:03Z repoB      succeeded after 58s  its run succeeded  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:05Z repoD      dispatched  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:02:07Z repoD      running
      2026-11-21T01:03:04Z repoD      succeeded after 59s  its run succeeded  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:03:04Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:03:05Z DPTA-1122  changed  ismenablement/repoB moved from 0202020 to 9999999
      2026-11-21T01:03:06Z repoB#11   left alone  its newest status is not of this orchestration
      2026-11-21T01:03:06Z DPTA-1122  superseded  ismenablement/repoB moved from 0202020 to 9999999 (after 1m 03s)
      2026-11-21T01:03:06Z DPTA-1122  next  Run \`orch run DPTA-1122\` for the change as it is now, unless a newer orchestration is already running.
      "
    `)
  })

  it('the plain form shows a partial merge in capitals', async () => {
    expect(await plainAfterLocking(partiallyMerged())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:05Z repoB      dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:07Z repoB      running
      2026-11-21T01:03:03Z repoB      succeeded after 58s  its run succeeded  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:05Z repoD      dispatched  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:02:07Z repoD      running
      2026-11-21T01:03:04Z repoD      succeeded after 59s  its run succeeded  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:03:04Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:03:05Z DPTA-1122  changed  ismenablement/repoB#11 was merged
      2026-11-21T01:03:05Z DPTA-1122  changed  ismenablement/repoD moved from 0404040 to 9999999
      2026-11-21T01:03:06Z DPTA-1122  PARTIALLY MERGED  ismenablement/repoB#11 was merged, but the rest of the change moved: ismenablement/repoD moved from 0404040 to 9999999 (after 1m 03s)
      2026-11-21T01:03:06Z DPTA-1122  next  Part of the change is merged without the rest. See \`orch status DPTA-1122\`, then run \`orch run DPTA-1122\` for the rest or revert what was merged.
      "
    `)
  })

  it('the plain form shows an interruption', async () => {
    expect(await plainAfterLocking(cancelled())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:05Z repoB      dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:07Z repoB      running
      2026-11-21T01:02:13Z DPTA-1122  interrupted  SIGINT; cancelling its runs
      2026-11-21T01:02:13Z repoB      cancelling  interrupted
      2026-11-21T01:02:14Z repoD      not run  not started: the orchestration was interrupted
      2026-11-21T01:02:14Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:02:15Z repoB      cancelled after 10s  cancelled because the orchestration was interrupted  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:15Z repoB#11   stays locked  (error)  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:02:15Z repoD#13   stays locked  (error)  https://github.com/ismenablement/repoD/pull/13
      2026-11-21T01:02:15Z DPTA-1122  cancelled  interrupted by SIGINT; its runs were cancelled (after 12s)
      2026-11-21T01:02:15Z DPTA-1122  next  Run \`orch run DPTA-1122\` to build the change from the start.
      "
    `)
  })

  it('the plain form shows a dispatch without an answer whose run is found', async () => {
    expect(await plainAfterLocking(found())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:08Z repoB      searching  for its run; it is not known whether one started: the connection was cut before the answer came
      2026-11-21T01:02:11Z repoB      not listed  its runs: GitHub answered 502; retrying
      2026-11-21T01:02:23Z DPTA-1122  resumed  orchestration 01jd6x0000abcdef: this process continues it
      2026-11-21T01:02:25Z repoB      found  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:27Z repoB      running
      2026-11-21T01:03:10Z repoB      succeeded after 45s  its run succeeded  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:03:11Z repoD      dispatched  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:03:13Z repoD      running
      2026-11-21T01:03:33Z repoD      succeeded after 22s  its run succeeded  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:03:33Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:03:34Z DPTA-1122  verified  before unlocking: nothing moved
      2026-11-21T01:03:35Z repoB#11   unlocked  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:03:35Z repoD#13   unlocked  https://github.com/ismenablement/repoD/pull/13
      2026-11-21T01:03:36Z DPTA-1122  verified  after unlocking: nothing moved
      2026-11-21T01:03:36Z DPTA-1122  succeeded  every build succeeded and every pull request of the change is unlocked (after 1m 33s)
      2026-11-21T01:03:36Z DPTA-1122  next  Merge the pull requests: they were tested together.
      "
    `)
  })

  it('the plain form shows a dispatch without an answer whose run does not appear', async () => {
    expect(await plainAfterLocking(notFound())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:08Z repoB      searching  for its run; it is not known whether one started: the connection was cut before the answer came
      2026-11-21T01:02:11Z repoB      not listed  its runs: GitHub answered 502; retrying
      2026-11-21T01:02:23Z DPTA-1122  resumed  orchestration 01jd6x0000abcdef: this process continues it
      2026-11-21T01:04:25Z repoB      unknown after 2m 20s  it is not known whether a run started: the connection was cut before the answer came; no run appeared
      2026-11-21T01:04:25Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:04:25Z repoD      not run  not started: repoB ended in an unknown state
      2026-11-21T01:04:26Z repoB#11   stays locked  (error)  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:04:26Z repoD#13   stays locked  (error)  https://github.com/ismenablement/repoD/pull/13
      2026-11-21T01:04:26Z DPTA-1122  unknown  repoB ended in an unknown state: it is not known whether a run started: the connection was cut before the answer came; no run appeared (after 2m 23s)
      2026-11-21T01:04:26Z DPTA-1122  next  Check the runs and pull requests named above, then run \`orch run DPTA-1122\`.
      "
    `)
  })

  it.each([
    [null, '--no-status'],
    ['repoB', '--only repoB'],
  ])(
    'the started line counts the open pull requests although no status will be posted: --only %s',
    async (only, flag) => {
      const story = new Story({ ...examplePlan(), targets: [] }, { postStatus: false, only })
      expect(await plain(story)).toContain(
        `2 of 5 repositories have the branch, 2 open pull requests; no status will be posted (${flag}): it will not notice another orchestration or a push while it builds\n`,
      )
    },
  )

  it('the columns of the plain form are aligned with names of up to 40 columns', async () => {
    const ids = ['platform-services-authentication-build', 'lib']
    const story = new Story(
      sketchPlan(
        'DPTA-1',
        ids.map((id) => ({ id })),
      ),
    )
    for (const id of ids) story.settles(1, id, 'lost', 'its run is gone')
    const rows = (await plain(story)).split('\n').filter((line) => line.includes('  lost  '))
    expect(new Set(rows.map((line) => line.indexOf('lost  its'))).size).toBe(1)
    expect(rows).toHaveLength(2)
  })

  it('the plain form shows a fresh job with its run, and a job status that could not be posted', async () => {
    const text = await plain(partlyFresh())
    expect(text).toMatch(/repoB +fresh {2}built 2 h ago by run 42 {2}https:\S+\/actions\/runs\/42\n/u)
    expect(text).toMatch(/repoD +not posted {2}its own status, so a later run builds it again: GitHub answered 403\n/u)
  })

  it('the plain form shows that there was nothing to unlock', async () => {
    expect(await plain(nothingToUnlock())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:03Z DPTA-7  started  orchestration 01jd6x0000abcdef: 1 of 1 repository has the branch, 0 open pull requests; there is no open pull request: it will not notice another orchestration or a push while it builds
      2026-11-21T01:02:04Z lib     dispatched  https://github.com/ismenablement/lib/actions/runs/21000000000
      2026-11-21T01:02:06Z lib     running
      2026-11-21T01:02:24Z lib     succeeded after 20s  its run succeeded  https://github.com/ismenablement/lib/actions/runs/21000000000
      2026-11-21T01:02:25Z DPTA-7  verified  nothing moved
      2026-11-21T01:02:25Z DPTA-7  succeeded  every build succeeded; the change has no open pull request, so there was nothing to unlock (after 22s)
      2026-11-21T01:02:25Z DPTA-7  next  There was nothing to unlock: no pull request is open. Open the pull requests, then run \`orch run DPTA-7\`.
      "
    `)
  })

  it('the plain form shows 50 jobs with one line for each step of each', async () => {
    const lines = (await plain(fifty(true))).trim().split('\n')
    expect(lines.filter((line) => line.includes('  dispatched  '))).toHaveLength(16)
    expect(lines.filter((line) => /DPTA|job-/u.test(line))).toHaveLength(lines.length)
  })

  it('the plain form shows hostile text as text, one line for each event', async () => {
    expect(await plain(hostile())).toMatchInlineSnapshot(`
      "
      2026-11-21T01:02:03Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}  started  orchestration 01jd6x0000abcdef: 1 of 1 repository has the branch, 1 open pull request
      2026-11-21T01:02:03Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}  warning  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
      2026-11-21T01:02:04Z repoB#10                                  locked  (pending)  https://github.com/ismenablement/repoB/pull/10
      2026-11-21T01:02:05Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1  dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000000
      2026-11-21T01:02:06Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
      2026-11-21T01:02:07Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1  not read  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}; retrying
      2026-11-21T01:02:07Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1  waiting  for the approval of the environment \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b} by \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b} or \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}; the environment could not be read: \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
      2026-11-21T01:02:08Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1  failed after 3s  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
      2026-11-21T01:02:09Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1  failed at  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b} / \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
      2026-11-21T01:02:09Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1  |  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
      2026-11-21T01:02:09Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1  |  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
      2026-11-21T01:02:10Z repoB#10                                  stays locked  (failure)  https://github.com/ismenablement/repoB/pull/10
      2026-11-21T01:02:10Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}  failed  \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b} (after 7s)
      2026-11-21T01:02:10Z \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}  next  Fix the build, push, and run \`orch run '\\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}'\`.
      "
    `)
  })

  it('the plain form shows a request that keeps failing once, and again after it succeeded', async () => {
    const story = nothingToUnlock()
    const { output, stream } = recordOutput()
    const reporter = createPlainReporter({ output })
    const moments = story.moments.slice(0, 3)
    for (const { event, orchestration } of moments) reporter.report(event, orchestration)
    const { orchestration } = moments.at(-1)!
    const failure = { kind: 'server-error' as const, message: 'GitHub answered 502' }
    const run = { id: 1, headSha: '', status: 'in_progress', conclusion: null, runAttempt: 1, url: '' }
    const bad = { type: 'observation-failed' as const, job: 'lib', failure, nextAt: 0, at: 0 }
    const good = { type: 'run-observed' as const, job: 'lib', run, nextAt: 0, at: 0 }
    for (const event of [bad, bad, good, good, bad]) reporter.report(event, orchestration)
    await reporter.close()
    const words = stream.text.split('\n').flatMap((line) => /not read|running/u.exec(line)?.[0] ?? [])
    expect(words).toEqual(['not read', 'running', 'not read'])
  })
})
