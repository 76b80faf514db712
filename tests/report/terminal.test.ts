import { describe, expect, it } from 'vitest'
import { createTerminalReporter } from '../../src/report/terminal/terminal.js'
import type { TerminalReporter } from '../../src/report/terminal/terminal.js'
import { ManualClock } from './support/manual-clock.js'
import { recordOutput } from './support/recording.js'
import {
  allStories,
  awaitingApproval,
  cancelled,
  failed,
  fifty,
  found,
  hostile,
  notFound,
  nothingToUnlock,
  partiallyMerged,
  succeeded,
  superseded,
  timedOut,
} from './support/stories.js'
import { examplePlan, sketchPlan } from './support/plans.js'
import { Story, startedAt } from './support/story.js'
import { TerminalEmulator } from './support/terminal-emulator.js'

interface Sitting {
  clock: ManualClock
  reporter: TerminalReporter
  stream: ReturnType<typeof recordOutput>['stream']
  size: { columns: number; rows: number }
  /** What a terminal of `columns` shows after all that was written. */
  screen: () => TerminalEmulator
}

function sit(options: { columns?: number; rows?: number; color?: boolean; hyperlinks?: boolean } = {}): Sitting {
  const { output, stream } = recordOutput()
  const clock = new ManualClock(startedAt)
  const { columns = 80, rows = 24, color = false, hyperlinks } = options
  const size = { columns, rows }
  const reporter = createTerminalReporter({ output, clock, size: () => size, color, hyperlinks })
  const screen = (): TerminalEmulator => {
    const emulator = new TerminalEmulator(columns)
    emulator.feed(stream.text)
    return emulator
  }
  return { clock, reporter, stream, size, screen }
}

/** Lives through a story up to `seconds` after its start. */
async function live(sitting: Sitting, story: Story, seconds = Number.POSITIVE_INFINITY): Promise<void> {
  for (const { event, orchestration } of story.moments) {
    if (event.at > startedAt + seconds * 1000) break
    await sitting.clock.moveTo(event.at)
    sitting.reporter.report(event, orchestration)
  }
  // A little more, so that what was held back is drawn.
  if (Number.isFinite(seconds)) await sitting.clock.moveTo(startedAt + seconds * 1000 + 100)
}

async function whole(story: Story): Promise<string> {
  const sitting = sit()
  await live(sitting, story)
  await sitting.reporter.close()
  return `\n${sitting.screen().text}`
}

/** The lines above the jobs of the example, as the first summary below shows them. */
const headLines = 3

/** What is left on the terminal after a story of the example, from the first job on. */
async function wholeBelowHead(story: Story): Promise<string> {
  const [lines, ofSuccess] = (await Promise.all([whole(story), whole(succeeded())])).map((text) => text.split('\n'))
  // The text begins with a line break.
  expect(lines!.slice(0, headLines + 1)).toEqual(ofSuccess!.slice(0, headLines + 1))
  return `\n${lines!.slice(headLines + 1).join('\n')}`
}

describe('the terminal while builds run', () => {
  it('the terminal shows one line for each job with state, elapsed time and link', async () => {
    const sitting = sit()
    await live(sitting, failed(), 30)
    expect(`\n${sitting.screen().text}`).toMatchInlineSnapshot(`
      "
      DPTA-1122  2 of 5 repositories have the branch  01jd6x0000abcdef
        without the branch: repoA, repoC, repoE
      ✔ 2 pull requests locked
      ↓ repoA  skipped               ismenablement/repoA has no branch DPTA-1122
      ● repoB  running          28s  ismenablement/repoB/actions/runs/21000000001
      ↓ repoC  skipped               ismenablement/repoC has no branch DPTA-1122
      ● repoD  running          28s  ismenablement/repoD/actions/runs/21000000003
      ↓ repoE  skipped               ismenablement/repoE has no branch DPTA-1122
      5 jobs: 2 active, 3 skipped  30s
      "
    `)
    await sitting.reporter.close()
  })

  it('the terminal shows that the run of a dispatch without an answer is searched for, and the run once it is found', async () => {
    const sitting = sit()
    await live(sitting, found(), 20)
    expect(`\n${sitting.screen().text}`).toMatchInlineSnapshot(`
      "
      DPTA-1122  2 of 5 repositories have the branch  01jd6x0000abcdef
        without the branch: repoA, repoC, repoE
      ✔ 2 pull requests locked
      ! resumed: this process continues orchestration 01jd6x0000abcdef
      ↓ repoA  skipped               ismenablement/repoA has no branch DPTA-1122
      ● repoB  searching        18s  for its run; it is not known whether one started
      ↓ repoC  skipped               ismenablement/repoC has no branch DPTA-1122
      · repoD  waiting
      ↓ repoE  skipped               ismenablement/repoE has no branch DPTA-1122
      5 jobs: 1 active, 1 waiting, 3 skipped  20s
      "
    `)
    await sitting.reporter.close()
    const later = sit()
    await live(later, found(), 30)
    expect(later.screen().text).toMatch(
      /^● repoB {2}running +8s {2}ismenablement\/repoB\/actions\/runs\/21000000001$/mu,
    )
    await later.reporter.close()
  })

  it('the terminal shows a job without the branch as skipped at once, and its dependent as waiting for its needs', async () => {
    const sitting = sit()
    const plan = sketchPlan('DPTA-1', [
      { id: 'lib', title: 'Change lib' },
      { id: 'middle', needs: ['lib'], isMember: false },
      { id: 'app', needs: ['middle'], title: 'Change app' },
    ])
    await live(sitting, new Story(plan).posts(1, 'claim', 'pending').dispatches(2, 'lib'), 2)
    expect(sitting.screen().text).toMatch(/^↓ middle {2}skipped +ismenablement\/middle has no branch DPTA-1$/mu)
    expect(sitting.screen().text).toMatch(/^· app {5}waiting +for lib$/mu)
    expect(sitting.screen().text).toContain('3 jobs: 1 active, 1 waiting, 1 skipped')
    await sitting.reporter.close()
  })

  it('the rows stay aligned with a name longer than its column, and the end of the name is shown', async () => {
    const sitting = sit()
    const name = 'platform-services-authentication-build'
    const ids = [`${name}-one`, `${name}-two`, 'short']
    await live(
      sitting,
      new Story(
        sketchPlan(
          'DPTA-1',
          ids.map((id) => ({ id })),
        ),
      ),
      0,
    )
    const rows = sitting.screen().lines.filter((line) => line.startsWith('· '))
    expect(rows.map((row) => row.indexOf('waiting'))).toEqual([28, 28, 28])
    expect(rows[0]).toMatch(/-one {2}waiting/u)
    expect(rows[1]).toMatch(/-two {2}waiting/u)
    await sitting.reporter.close()
  })

  it('the terminal names the repositories without the branch in at most two lines', async () => {
    const sitting = sit()
    const sketches = Array.from({ length: 40 }, (_, index) => ({ id: `service-${index}`, isMember: index === 0 }))
    await live(sitting, new Story(sketchPlan('DPTA-1', sketches)), 0)
    expect(sitting.screen().lines.slice(1, 4)).toMatchInlineSnapshot(`
      [
        "  without the branch: service-1, service-2, service-3, service-4, service-5,",
        "  service-6, service-7, service-8, service-9, service-10 and 29 more",
        "  there is no open pull request: it will not notice another orchestration or a",
      ]
    `)
    await sitting.reporter.close()
  })

  it('the terminal says with --no-status and --only that no status will be posted', async () => {
    for (const only of [null, 'repoB']) {
      const sitting = sit()
      await live(sitting, new Story({ ...examplePlan(), targets: [] }, { postStatus: false, only }), 0)
      const flag = only === null ? '--no-status' : '--only repoB'
      expect(sitting.screen().lines).toContainEqual(
        expect.stringContaining(`  no status will be posted (${flag}): it will not notice`),
      )
      await sitting.reporter.close()
    }
  })

  it('the elapsed time is redrawn although nothing happens', async () => {
    const sitting = sit()
    await live(sitting, failed(), 30)
    expect(sitting.screen().text).toContain('28s')
    await sitting.clock.moveTo(startedAt + 45_000)
    expect(sitting.screen().text).toContain('43s')
    expect(sitting.screen().text).not.toContain('28s')
    await sitting.reporter.close()
  })

  it('a burst of events is drawn at most ten times a second', async () => {
    const sitting = sit()
    const frames = (): number => sitting.stream.text.split('50 jobs: ').length - 1
    const { moments } = fifty(false)
    await sitting.clock.moveTo(startedAt + 40_000)
    for (const { event, orchestration } of moments) {
      sitting.reporter.report(event, orchestration)
      await sitting.clock.moveTo(startedAt + 40_000)
    }
    expect(frames()).toBe(2) // The first, drawn again below the line about the locks.
    await sitting.clock.moveTo(startedAt + 40_100)
    expect(frames()).toBe(3)
    await sitting.reporter.close()
  })

  it('a terminal of 24 rows shows the active and the failed of 50 jobs, and counts all', async () => {
    const sitting = sit()
    await live(sitting, fifty(false), 40)
    expect(`\n${sitting.screen().text}`).toMatchInlineSnapshot(`
      "
      DPTA-50  50 of 50 repositories have the branch  01jd6x0000abcdef
      ✔ 50 pull requests locked
      ✖ job-11  failed            9s  ismenablement/job-11/actions/runs/21000000010
      ● job-12  running           9s  ismenablement/job-12/actions/runs/21000000011
      ● job-13  running           9s  ismenablement/job-13/actions/runs/21000000012
      ● job-14  running           9s  ismenablement/job-14/actions/runs/21000000013
      ● job-15  running           9s  ismenablement/job-15/actions/runs/21000000014
      ● job-16  running           9s  ismenablement/job-16/actions/runs/21000000015
      · job-17  waiting
      · job-18  waiting
      · job-19  waiting
      · job-20  waiting
      · job-21  waiting
      · job-22  waiting               for job-12
      · job-23  waiting               for job-13
      · job-24  waiting               for job-14
      · job-25  waiting               for job-15
      · job-26  waiting               for job-16
      · job-27  waiting               for job-17
      · job-28  waiting               for job-18
      · job-29  waiting               for job-19
      · job-30  waiting               for job-20
      50 jobs: 10 succeeded, 5 active, 1 failed, 34 waiting  40s
      "
    `)
    await sitting.reporter.close()
  })

  it.each([40, 80, 200])('no line of the frame wraps in %i columns', async (columns) => {
    for (const story of [failed(), fifty(false)]) {
      const sitting = sit({ columns })
      await live(sitting, story, 40)
      expect(sitting.screen().breaks).toBe(0)
      await sitting.reporter.close()
    }
  })

  it('no old line remains when the terminal becomes narrower', async () => {
    const sitting = sit({ columns: 100 })
    await live(sitting, failed(), 30)
    const before = sitting.stream.text.length
    sitting.size.columns = 50
    await sitting.clock.moveTo(startedAt + 32_000)
    const up = /\[(\d+)A/u.exec(sitting.stream.text.slice(before))?.[1]
    // A count, and five jobs wider than 50 columns, which the terminal has broken in two.
    expect(up).toBe('11')
    await sitting.reporter.close()
  })

  it('diagnostics are written above the frame', async () => {
    const sitting = sit()
    await live(sitting, failed(), 30)
    sitting.reporter.above('GET /repos/o/r 200\n')
    const { lines } = sitting.screen()
    expect(lines.indexOf('GET /repos/o/r 200')).toBeLessThan(lines.findIndex((line) => line.includes('repoA  ')))
    expect(lines.filter((line) => line.includes('repoB'))).toHaveLength(1)
    await sitting.reporter.close()
  })
})

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
  it('the terminal shows hostile text as text', async () =>
    expect(await whole(hostile())).toMatchInlineSnapshot(`
      "
      \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj…
        !
        \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj
      \\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
      ✔ 1 pull request locked
      ! \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj
      \\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1 waits for the approval of the
        environment
        \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj
      \\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b} by
        \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj
      \\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b} or
        \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj
      \\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}; the environment could not be
        read:
        \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj
      \\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
          \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}g
      pj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
      ✖ \\u{3a}:error::x\\u{a…1}\\u{d800}\\u{200b}1  failed          3s
          \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}g
      pj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}

        ✖ repoB#10  locked (failure)  https://github.com/ismenablement/repoB/pull/10

        \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj
      \\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1:
        \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj
      \\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
          at
          \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}g
      pj\\u{2066}|\`a\`
          @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b} /
          \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}g
      pj\\u{2066}|\`a\`
          @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
          \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}g
      pj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
          │ \\u{3a}:error::x\\u{a}\\u{23}#[add-mask…t <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}
          │ \\u{3a}:error::x\\u{a}\\u{23}#[add-mask…t <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}

      ✖ \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}g…
        \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj
      \\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}

        Fix the build, push, and run \`orch run
        '\\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gp
      j\\u{2066}|\`a\`
        @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}'\`.
      "
    `))

  it('the failed build, its log and the outcome of 50 jobs stay on the screen, because only ten similar jobs are listed', async () => {
    const shown = await whole(fifty(true))
    expect(shown.split('\n').filter((line) => line.startsWith('↓'))).toHaveLength(9)
    expect(shown).toContain('\n… and 25 more not run\n')
    expect(shown).toContain('\n  … and 41 more stay locked (failure)\n')
    expect(shown.split('\n').slice(-24).join('\n')).toMatchInlineSnapshot(`
      "    https://github.com/ismenablement/job-02/pull/11
        ✖ job-03#12  locked (failure)
          https://github.com/ismenablement/job-03/pull/12
        ✖ job-04#13  locked (failure)
          https://github.com/ismenablement/job-04/pull/13
        ✖ job-05#14  locked (failure)
          https://github.com/ismenablement/job-05/pull/14
        ✖ job-06#15  locked (failure)
          https://github.com/ismenablement/job-06/pull/15
        ✖ job-07#16  locked (failure)
          https://github.com/ismenablement/job-07/pull/16
        ✖ job-08#17  locked (failure)
          https://github.com/ismenablement/job-08/pull/17
        ✖ job-09#18  locked (failure)
          https://github.com/ismenablement/job-09/pull/18
        … and 41 more stay locked (failure)

        job-11: its run concluded failure

      ✖ DPTA-50 failed after 46s
        job-11 failed: its run concluded failure

        Fix the build, push, and run \`orch run DPTA-50\`.
      "
    `)
  })

  it('the summary lists ten similar jobs, and every failed job', async () => {
    const sketches = Array.from({ length: 22 }, (_, index) => ({ id: `job-${index}` }))
    const story = new Story(sketchPlan('DPTA-1', sketches))
    sketches.forEach(({ id }, index) => story.settles(1, id, index < 12 ? 'lost' : 'not-run', 'gone'))
    const shown = await whole(story.ends(2, 'unknown', 'runs were lost'))
    expect(shown.match(/^✖ job-/gmu)).toHaveLength(12)
    expect(shown.match(/^↓ job-/gmu)).toHaveLength(10)
    expect(shown).not.toContain('more')
  })

  it.each(Object.entries(allStories))(
    'the terminal shows the cursor and stops its timer at the end: %s',
    async (_name, story) => {
      const sitting = sit()
      await live(sitting, story())
      await sitting.reporter.close()
      expect(sitting.screen().isCursorVisible).toBe(true)
      expect(sitting.clock.sleeping).toBe(0)
    },
  )

  it('a terminal that is closed before the end lists the jobs as they are', async () => {
    const sitting = sit()
    await live(sitting, failed(), 30)
    await sitting.reporter.close()
    expect(sitting.screen().isCursorVisible).toBe(true)
    expect(sitting.screen().text).toContain('● repoB  running')
  })

  it('a terminal without an orchestration writes nothing', async () => {
    const sitting = sit()
    await sitting.reporter.close()
    expect(sitting.stream.text).toBe('')
  })
})

describe('the terminal after an error', () => {
  it('the terminal shows the cursor at once if the process ends without closing it', async () => {
    const sitting = sit()
    await live(sitting, failed(), 30)
    expect(sitting.screen().isCursorVisible).toBe(false)
    sitting.reporter.restore()
    expect(sitting.screen().isCursorVisible).toBe(true)
    await sitting.reporter.close()
  })

  it('the reporter continues without an error when the terminal is closed', async () => {
    const sitting = sit()
    await live(sitting, failed(), 30)
    const before = sitting.stream.text
    sitting.stream.failure = Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
    await sitting.clock.moveTo(startedAt + 32_000)
    await sitting.clock.moveTo(startedAt + 34_000)
    await sitting.reporter.close()
    expect(sitting.stream.text).toBe(before)
  })
})

describe('colours and links', () => {
  it('no colour or link is written without colours', async () => {
    const sitting = sit()
    await live(sitting, failed())
    await sitting.reporter.close()
    expect(sitting.stream.text.split('\u001b').filter((part) => /^(\[[0-9;]*m|\])/u.test(part))).toEqual([])
  })

  it('colours and links are written if they are on', async () => {
    const sitting = sit({ color: true, hyperlinks: true })
    await live(sitting, failed())
    await sitting.reporter.close()
    const url = 'https://github.com/ismenablement/repoB/actions/runs/21000000001'
    expect(sitting.stream.text).toContain(`\u001b]8;;${url}\u001b\\`)
    expect(sitting.stream.text).toContain('\u001b[31mfailed')
  })
})
