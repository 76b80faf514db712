import { describe, expect, it } from 'vitest'
import { live, sit, whole, wholeBelowHead } from '../support/sitting.js'
import {
  awaitingApproval,
  cancelled,
  failed,
  notFound,
  nothingToUnlock,
  partiallyMerged,
  succeeded,
  superseded,
  timedOut,
} from '../support/stories.js'

describe('the terminal at the end', () => {
  it('the terminal summarizes a change that succeeded', async () =>
    expect(await whole(succeeded())).toMatchInlineSnapshot(`
      "
      DPTA-1122  2 of 5 repositories have the branch  01jd6x0000abcdef
        without the branch: repoA, repoC, repoE
      ✔ 2 pull requests locked
      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✔ repoB  succeeded   1m 05s
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ✔ repoD  succeeded   1m 28s
          https://github.com/ismenablement/repoD/actions/runs/21000000003
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122

        ✔ repoB#11  unlocked  https://github.com/ismenablement/repoB/pull/11
        ✔ repoD#13  unlocked  https://github.com/ismenablement/repoD/pull/13

      ✔ DPTA-1122 succeeded after 1m 33s
        every build succeeded and every pull request of the change is unlocked

        Merge the pull requests: they were tested together.
      "
    `))
  it('the terminal summarizes a build that failed', async () =>
    expect(await wholeBelowHead(failed())).toMatchInlineSnapshot(`
      "
      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✖ repoB  failed      1m 03s
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ✖ repoD  cancelled   1m 08s
          https://github.com/ismenablement/repoD/actions/runs/21000000003
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122

        ✖ repoB#11  locked (failure)  https://github.com/ismenablement/repoB/pull/11
        ✖ repoD#13  locked (failure)  https://github.com/ismenablement/repoD/pull/13

        repoB: its run concluded failure
          at build / Run tests
          https://github.com/ismenablement/repoB/actions/runs/21000000001/job/7
          │ not ok 1 - parses dates
          │   expected 2026-11-21
          │ Error: 1 test failed

      ✖ DPTA-1122 failed after 1m 11s
        repoB failed: its run concluded failure

        Fix the build, push, and run \`orch run DPTA-1122\`.
      "
    `))
  it('the terminal summarizes a build that timed out', async () =>
    expect(await wholeBelowHead(timedOut())).toMatchInlineSnapshot(`
      "
      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✖ repoB  timed out  31m 08s
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ↓ repoD  not run    not started: repoB timed out
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122

        ✖ repoB#11  locked (failure)  https://github.com/ismenablement/repoB/pull/11
        ✖ repoD#13  locked (failure)  https://github.com/ismenablement/repoD/pull/13

        repoB: its run was in progress for longer than timeout-minutes

      ✖ DPTA-1122 timed out after 31m 11s
        repoB timed out: its run was in progress for longer than timeout-minutes

        Make the build of repoB faster, or raise its timeout-minutes in the graph
        file (now 30); then run \`orch run DPTA-1122\`.
      "
    `))
  it('the terminal names above the jobs what a run waits for, who may approve and the page, and shows it in the row', async () => {
    const sitting = sit()
    await live(sitting, awaitingApproval(), 61)
    expect(`\n${sitting.screen().text}`).toMatchInlineSnapshot(`
      "
      DPTA-1122  2 of 5 repositories have the branch  01jd6x0000abcdef
        without the branch: repoA, repoC, repoE
      ✔ 2 pull requests locked
      ! repoD waits for an approval; the environment could not be read: GitHub
        answered 502
          https://github.com/ismenablement/repoD/actions/runs/21000000003
      ! repoB waits for the approval of the environment production by alice or team
        release
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoA  skipped               ismenablement/repoA has no branch DPTA-1122
      ● repoB  waiting          59s  for the approval of the environment production …
      ↓ repoC  skipped               ismenablement/repoC has no branch DPTA-1122
      ● repoD  waiting          59s  for an approval
      ↓ repoE  skipped               ismenablement/repoE has no branch DPTA-1122
      5 jobs: 2 active, 3 skipped  1m 01s
      "
    `)
  })

  it('the terminal summarizes a rejected deployment and an approval that did not come in time', async () =>
    expect(await whole(awaitingApproval())).toMatchInlineSnapshot(`
      "
      DPTA-1122  2 of 5 repositories have the branch  01jd6x0000abcdef
        without the branch: repoA, repoC, repoE
      ✔ 2 pull requests locked
      ! repoD waits for an approval; the environment could not be read: GitHub
        answered 502
          https://github.com/ismenablement/repoD/actions/runs/21000000003
      ! repoB waits for the approval of the environment production by alice or team
        release
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✖ repoB  failed      9m 58s
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ✖ repoD  timed out  30m 08s
          https://github.com/ismenablement/repoD/actions/runs/21000000003
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122

        ✖ repoB#11  locked (failure)  https://github.com/ismenablement/repoB/pull/11
        ✖ repoD#13  locked (failure)  https://github.com/ismenablement/repoD/pull/13

        repoB: its run concluded failure after it waited for the approval of the
        environment production by alice
          rejected by alice: the deployment to production: Not on a Friday.
          https://github.com/ismenablement/repoB/actions/runs/21000000001

        repoD: its run waited for an approval, for longer than
        approval-timeout-minutes

      ✖ DPTA-1122 failed after 30m 11s
        repoB failed: its run concluded failure after it waited for the approval of
        the environment production by alice

        Ask alice why the deployment was rejected (repoB); have the run approved in
        time on its page, or raise approval-timeout-minutes of repoD in the graph
        file (now 30) (repoD); then run \`orch run DPTA-1122\`.
      "
    `))

  it('the terminal summarizes a superseded orchestration', async () =>
    expect(await wholeBelowHead(superseded())).toMatchInlineSnapshot(`
      "
      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✔ repoB  succeeded      58s
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ✔ repoD  succeeded      59s
          https://github.com/ismenablement/repoD/actions/runs/21000000003
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122

        ! repoB#11  left alone  https://github.com/ismenablement/repoB/pull/11
          its newest status is not of this orchestration
        ✖ repoD#13  locked (pending)  https://github.com/ismenablement/repoD/pull/13

      ✖ DPTA-1122 superseded after 1m 03s
        ismenablement/repoB moved from 0202020 to 9999999
        - ismenablement/repoB moved from 0202020 to 9999999

        Run \`orch run DPTA-1122\` for the change as it is now, unless a newer
        orchestration is already running.
      "
    `))
  it('the terminal summarizes a partial merge', async () =>
    expect(await wholeBelowHead(partiallyMerged())).toMatchInlineSnapshot(`
      "
      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✔ repoB  succeeded      58s
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ✔ repoD  succeeded      59s
          https://github.com/ismenablement/repoD/actions/runs/21000000003
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122

        ✔ repoB#11  merged  https://github.com/ismenablement/repoB/pull/11
          ismenablement/repoB#11 was merged
        ✖ repoD#13  locked (pending)  https://github.com/ismenablement/repoD/pull/13

      ✖ DPTA-1122 PARTIALLY MERGED after 1m 03s
        ismenablement/repoB#11 was merged, but the rest of the change moved:
        ismenablement/repoD moved from 0404040 to 9999999
        - ismenablement/repoD moved from 0404040 to 9999999

        Part of the change is merged without the rest. See \`orch status DPTA-1122\`,
        then run \`orch run DPTA-1122\` for the rest or revert what was merged.
      "
    `))
  it('the terminal summarizes an interruption', async () =>
    expect(await wholeBelowHead(cancelled())).toMatchInlineSnapshot(`
      "
      ! SIGINT: cancelling its runs; a second one exits at once
      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✖ repoB  cancelled      10s
          https://github.com/ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ↓ repoD  not run    not started: the orchestration was interrupted
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122

        ✖ repoB#11  locked (error)  https://github.com/ismenablement/repoB/pull/11
        ✖ repoD#13  locked (error)  https://github.com/ismenablement/repoD/pull/13

      ✖ DPTA-1122 cancelled after 12s
        interrupted by SIGINT; its runs were cancelled

        Run \`orch run DPTA-1122\` to build the change from the start.
      "
    `))
  it('the summary says that nothing was unlocked', async () =>
    expect(await whole(nothingToUnlock())).toMatchInlineSnapshot(`
      "
      DPTA-7  1 of 1 repository has the branch  01jd6x0000abcdef
        there is no open pull request: it will not notice another orchestration or a
        push while it builds
      ✔ lib  succeeded      20s
          https://github.com/ismenablement/lib/actions/runs/21000000000

      ✔ DPTA-7 succeeded after 22s
        every build succeeded; the change has no open pull request, so there was
        nothing to unlock

        There was nothing to unlock: no pull request is open. Open the pull requests,
        then run \`orch run DPTA-7\`.
      "
    `))
  it('the terminal summarizes a dispatch without an answer whose run did not appear', async () =>
    expect(await wholeBelowHead(notFound())).toMatchInlineSnapshot(`
      "
      ! resumed: this process continues orchestration 01jd6x0000abcdef
      ↓ repoA  skipped    ismenablement/repoA has no branch DPTA-1122
      ✖ repoB  unknown    it is not known whether a run started: the connection was …
      ↓ repoC  skipped    ismenablement/repoC has no branch DPTA-1122
      ↓ repoD  not run    not started: repoB ended in an unknown state
      ↓ repoE  skipped    ismenablement/repoE has no branch DPTA-1122

        ✖ repoB#11  locked (error)  https://github.com/ismenablement/repoB/pull/11
        ✖ repoD#13  locked (error)  https://github.com/ismenablement/repoD/pull/13

        repoB: it is not known whether a run started: the connection was cut before
        the answer came; no run appeared

      ✖ DPTA-1122 unknown after 2m 23s
        repoB ended in an unknown state: it is not known whether a run started: the
        connection was cut before the answer came; no run appeared

        Check the runs and pull requests named above, then run \`orch run DPTA-1122\`.
      "
    `))
})
