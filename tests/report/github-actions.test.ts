import { describe, expect, it } from 'vitest'
import { createGitHubActionsReporter } from '../../src/report/github-actions/github-actions.js'
import { sketchPlan } from './support/plans.js'
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
  succeeded,
} from './support/stories.js'
import { Story } from './support/story.js'

interface Step {
  log: string
  summary: string
  outputs: string
}

async function step(story: Story): Promise<Step> {
  const { output, stream } = recordOutput()
  const files = { summary: '', outputs: '' }
  let tokens = 0
  const reporter = createGitHubActionsReporter({
    output,
    appendSummary: (text) => Promise.resolve(void (files.summary += text)),
    appendOutput: (text) => Promise.resolve(void (files.outputs += text)),
    randomToken: () => `token${(tokens += 1)}`,
  })
  await story.reportTo(reporter)
  return { log: `\n${stream.text}`, summary: `\n${files.summary}`, outputs: `\n${files.outputs}` }
}

const ours = /^::(group|error title=|warning title=|notice title=|endgroup)/u

describe('the log of a GitHub Actions step', () => {
  it('the log of a change that succeeded has groups', async () => {
    expect((await step(succeeded())).log).toMatchInlineSnapshot(`
      "
      ::group::Plan
      2026-11-21T01:02:03Z DPTA-1122  started  orchestration 01jd6x0000abcdef: 2 of 5 repositories have the branch, 2 open pull requests
      ::endgroup::
      ::group::Lock the pull requests
      2026-11-21T01:02:04Z repoB#11   locked  (pending)  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:02:04Z repoD#13   locked  (pending)  https://github.com/ismenablement/repoD/pull/13
      ::endgroup::
      ::group::Builds
      2026-11-21T01:02:04Z repoA      skipped  ismenablement/repoA has no branch DPTA-1122
      2026-11-21T01:02:04Z repoC      skipped  ismenablement/repoC has no branch DPTA-1122
      2026-11-21T01:02:05Z repoB      dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:07Z repoB      running
      2026-11-21T01:03:10Z repoB      succeeded after 1m 05s  its run succeeded  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:05Z repoD      dispatched  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:02:07Z repoD      running
      2026-11-21T01:03:33Z repoD      succeeded after 1m 28s  its run succeeded  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:03:33Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      ::endgroup::
      ::group::Verify and post
      2026-11-21T01:03:34Z DPTA-1122  verified  before unlocking: nothing moved
      2026-11-21T01:03:35Z repoB#11   unlocked  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:03:35Z repoD#13   unlocked  https://github.com/ismenablement/repoD/pull/13
      2026-11-21T01:03:36Z DPTA-1122  verified  after unlocking: nothing moved
      ::endgroup::
      2026-11-21T01:03:36Z DPTA-1122  succeeded  every build succeeded and every pull request of the change is unlocked (after 1m 33s)
      2026-11-21T01:03:36Z DPTA-1122  next  Merge the pull requests: they were tested together.
      "
    `)
  })

  it('the log has an annotation for each failed job and for the orchestration', async () => {
    expect((await step(failed())).log).toMatchInlineSnapshot(`
      "
      ::group::Plan
      2026-11-21T01:02:03Z DPTA-1122  started  orchestration 01jd6x0000abcdef: 2 of 5 repositories have the branch, 2 open pull requests
      ::endgroup::
      ::group::Lock the pull requests
      2026-11-21T01:02:04Z repoB#11   locked  (pending)  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:02:04Z repoD#13   locked  (pending)  https://github.com/ismenablement/repoD/pull/13
      ::endgroup::
      ::group::Builds
      2026-11-21T01:02:04Z repoA      skipped  ismenablement/repoA has no branch DPTA-1122
      2026-11-21T01:02:04Z repoC      skipped  ismenablement/repoC has no branch DPTA-1122
      2026-11-21T01:02:05Z repoB      dispatched  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:02:05Z repoD      dispatched  https://github.com/ismenablement/repoD/actions/runs/21000000003
      2026-11-21T01:02:07Z repoB      queued
      2026-11-21T01:02:07Z repoD      running
      2026-11-21T01:02:12Z repoB      running
      2026-11-21T01:03:08Z repoB      failed after 1m 03s  its run concluded failure  https://github.com/ismenablement/repoB/actions/runs/21000000001
      2026-11-21T01:03:08Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:03:08Z repoD      cancelling  fail-fast
      ::endgroup::
      ::group::Log of repoB
      2026-11-21T01:03:09Z repoB      failed at  build / Run tests  https://github.com/ismenablement/repoB/actions/runs/21000000001/job/7
      2026-11-21T01:03:09Z repoB      |  not ok 1 - parses dates
      2026-11-21T01:03:09Z repoB      |    expected 2026-11-21
      2026-11-21T01:03:09Z repoB      |  Error: 1 test failed
      ::endgroup::
      ::group::Builds
      2026-11-21T01:03:13Z repoD      cancelled after 1m 08s  cancelled because another build did not succeed  https://github.com/ismenablement/repoD/actions/runs/21000000003
      ::endgroup::
      ::group::Verify and post
      2026-11-21T01:03:14Z repoB#11   stays locked  (failure)  https://github.com/ismenablement/repoB/pull/11
      2026-11-21T01:03:14Z repoD#13   stays locked  (failure)  https://github.com/ismenablement/repoD/pull/13
      ::endgroup::
      2026-11-21T01:03:14Z DPTA-1122  failed  repoB failed: its run concluded failure (after 1m 11s)
      2026-11-21T01:03:14Z DPTA-1122  next  Fix the build, push, and run \`orch run DPTA-1122\`.
      ::error title=repoB failed::its run concluded failure%0Abuild / Run tests%0Ahttps://github.com/ismenablement/repoB/actions/runs/21000000001/job/7
      ::error title=DPTA-1122 failed::repoB failed: its run concluded failure
      "
    `)
  })

  it('a run that waits for an approval has a notice, and the rejection is in the annotation of its job', async () => {
    const { log, summary } = await step(awaitingApproval())
    const commands = log.split('\n').filter((line) => /^::(?:notice|error)/u.test(line))
    expect(commands).toMatchInlineSnapshot(`
      [
        "::notice title=repoD waits for an approval::for an approval; the environment could not be read: GitHub answered 502%0Ahttps://github.com/ismenablement/repoD/actions/runs/21000000003",
        "::notice title=repoB waits for an approval::for the approval of the environment production by alice or team release%0Ahttps://github.com/ismenablement/repoB/actions/runs/21000000001",
        "::error title=repoB failed::its run concluded failure after it waited for the approval of the environment production by alice%0Arejected by alice: the deployment to production: Not on a Friday.%0Ahttps://github.com/ismenablement/repoB/actions/runs/21000000001",
        "::error title=repoD timed out::its run waited for an approval, for longer than approval-timeout-minutes%0Ahttps://github.com/ismenablement/repoD/actions/runs/21000000003",
        "::error title=DPTA-1122 failed::repoB failed: its run concluded failure after it waited for the approval of the environment production by alice",
      ]
    `)
    expect(summary).toContain('Rejected by alice&#58; the deployment to production&#58; Not on a Friday&#46;')
  })

  it('a dispatch without an answer is logged in the group of the builds', async () => {
    const logs = [(await step(found())).log, (await step(notFound())).log]
    expect(logs.map((log) => /::group::Builds\n[^]*?::endgroup::/u.exec(log)?.[0])).toMatchInlineSnapshot(`
      [
        "::group::Builds
      2026-11-21T01:02:04Z repoA      skipped  ismenablement/repoA has no branch DPTA-1122
      2026-11-21T01:02:04Z repoC      skipped  ismenablement/repoC has no branch DPTA-1122
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
      ::endgroup::",
        "::group::Builds
      2026-11-21T01:02:04Z repoA      skipped  ismenablement/repoA has no branch DPTA-1122
      2026-11-21T01:02:04Z repoC      skipped  ismenablement/repoC has no branch DPTA-1122
      2026-11-21T01:02:08Z repoB      searching  for its run; it is not known whether one started: the connection was cut before the answer came
      2026-11-21T01:02:11Z repoB      not listed  its runs: GitHub answered 502; retrying
      2026-11-21T01:02:23Z DPTA-1122  resumed  orchestration 01jd6x0000abcdef: this process continues it
      2026-11-21T01:04:25Z repoB      unknown after 2m 20s  it is not known whether a run started: the connection was cut before the answer came; no run appeared
      2026-11-21T01:04:25Z repoE      skipped  ismenablement/repoE has no branch DPTA-1122
      2026-11-21T01:04:25Z repoD      not run  not started: repoB ended in an unknown state
      ::endgroup::",
      ]
    `)
    expect(logs[1]).toMatch(
      /^::error title=repoB unknown::it is not known whether a run started: .*; no run appeared$/mu,
    )
  })

  it('nine failed jobs are annotated and the rest is counted', async () => {
    const ids = Array.from({ length: 12 }, (_, index) => `job${index}`)
    const story = new Story(
      sketchPlan(
        'DPTA-1',
        ids.map((id) => ({ id })),
      ),
    )
    for (const id of ids) story.settles(1, id, 'lost', 'its run is gone')
    const { log } = await step(story.ends(2, 'unknown', 'runs were lost'))
    expect(log.match(/^::error/gmu)).toHaveLength(10)
    expect(log).toContain('::error title=DPTA-1 unknown::runs were lost; 3 more failed jobs are in the log')
  })

  it.each(Object.entries(allStories))(
    'each group of the log is closed before the next one opens: %s',
    async (_name, story) => {
      const { log } = await step(story())
      const folds = log.match(/^::(group|endgroup)::/gmu) ?? []
      expect(folds.length % 2).toBe(0)
      expect(folds).toEqual(folds.map((_, at) => (at % 2 === 0 ? '::group::' : '::endgroup::')))
    },
  )

  it('hostile text in the log is not a workflow command', async () => {
    const { log } = await step(hostile())
    const lines = log.split('\n').filter((line) => line.trimStart().startsWith('::') || line.includes('##['))
    expect(lines.filter((line) => !ours.test(line))).toEqual([])
    expect(lines.filter((line) => line.startsWith('::error'))).toMatchInlineSnapshot(`
      [
        "::error title=\\u{3a}%3Aerror%3A%3Ax\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}1 failed::\\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}%0A\\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b} / \\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}%0A\\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}",
        "::error title=\\u{3a}%3Aerror%3A%3Ax\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b} failed::\\u{3a}:error::x\\u{a}\\u{23}#[add-mask]y\\u{d}\\u{1b}[2J\\u{1b}]0;t\\u{7}\\u{202e}gpj\\u{2066}|\`a\` @octocat <b>[l](u)\\u{e0041}\\u{d800}\\u{200b}",
      ]
    `)
  })
})

describe('the step summary', () => {
  it('the step summary of a change that succeeded shows its graph, jobs and pull requests', async () => {
    expect((await step(succeeded())).summary).toMatchInlineSnapshot(`
      "
      ### ✅ DPTA-1122 succeeded after 1m 33s

      every build succeeded and every pull request of the change is unlocked  
      Merge the pull requests&#58; they were tested together&#46;

      \`\`\`mermaid
      flowchart LR
        j0["repoA<br/>skipped"]:::skipped
        j1["repoB<br/>succeeded 1m 05s"]:::succeeded
        j2["repoC<br/>skipped"]:::skipped
        j3["repoD<br/>succeeded 1m 28s"]:::succeeded
        j4["repoE<br/>skipped"]:::skipped
        j0 --> j1
        j0 --> j2
        j0 --> j3
        j1 --> j4
        j2 --> j4
        j3 --> j4
        classDef skipped fill:none,stroke:#6e7781,stroke-dasharray:4
        classDef succeeded fill:#1a7f37,stroke:#1a7f37,color:#ffffff
      \`\`\`

      | Job | State | Duration | Link | Why |
      | --- | --- | --- | --- | --- |
      | repoA | ⏭️ skipped |  |  | ismenablement/repoA has no branch DPTA-1122 |
      | repoB | ✅ succeeded | 1m 05s | [run](https://github.com/ismenablement/repoB/actions/runs/21000000001) | its run succeeded |
      | repoC | ⏭️ skipped |  |  | ismenablement/repoC has no branch DPTA-1122 |
      | repoD | ✅ succeeded | 1m 28s | [run](https://github.com/ismenablement/repoD/actions/runs/21000000003) | its run succeeded |
      | repoE | ⏭️ skipped |  |  | ismenablement/repoE has no branch DPTA-1122 |

      | Pull request | Title | Status | |
      | --- | --- | --- | --- |
      | [repoB&#35;11](https://github.com/ismenablement/repoB/pull/11) | Parse dates strictly | unlocked |  |
      | [repoD&#35;13](https://github.com/ismenablement/repoD/pull/13) | Use the strict dates | unlocked |  |

      Orchestration 01jd6x0000abcdef, set digest 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      "
    `)
  })

  it('the step summary shows where a build failed', async () => {
    expect((await step(failed())).summary).toMatchInlineSnapshot(`
      "
      ### ❌ DPTA-1122 failed after 1m 11s

      repoB failed&#58; its run concluded failure  
      Fix the build&#44; push&#44; and run &#96;orch run DPTA-1122&#96;&#46;

      \`\`\`mermaid
      flowchart LR
        j0["repoA<br/>skipped"]:::skipped
        j1["repoB<br/>failed 1m 03s"]:::failed
        j2["repoC<br/>skipped"]:::skipped
        j3["repoD<br/>cancelled 1m 08s"]:::cancelled
        j4["repoE<br/>skipped"]:::skipped
        j0 --> j1
        j0 --> j2
        j0 --> j3
        j1 --> j4
        j2 --> j4
        j3 --> j4
        classDef skipped fill:none,stroke:#6e7781,stroke-dasharray:4
        classDef failed fill:#cf222e,stroke:#cf222e,color:#ffffff
        classDef cancelled fill:#9a6700,stroke:#9a6700,color:#ffffff
      \`\`\`

      | Job | State | Duration | Link | Why |
      | --- | --- | --- | --- | --- |
      | repoA | ⏭️ skipped |  |  | ismenablement/repoA has no branch DPTA-1122 |
      | repoB | ❌ failed | 1m 03s | [run](https://github.com/ismenablement/repoB/actions/runs/21000000001) | its run concluded failure |
      | repoC | ⏭️ skipped |  |  | ismenablement/repoC has no branch DPTA-1122 |
      | repoD | ❌ cancelled | 1m 08s | [run](https://github.com/ismenablement/repoD/actions/runs/21000000003) | cancelled because another build did not succeed |
      | repoE | ⏭️ skipped |  |  | ismenablement/repoE has no branch DPTA-1122 |

      | Pull request | Title | Status | |
      | --- | --- | --- | --- |
      | [repoB&#35;11](https://github.com/ismenablement/repoB/pull/11) | Parse dates strictly | locked | failure |
      | [repoD&#35;13](https://github.com/ismenablement/repoD/pull/13) | Use the strict dates | locked | failure |

      **[repoB &#47; build &#47; Run tests](https://github.com/ismenablement/repoB/actions/runs/21000000001/job/7)**

      <details><summary>Last lines of the log</summary><pre>not ok 1 &#45; parses dates&#10;  expected 2026-11-21&#10;Error&#58; 1 test failed</pre></details>

      Orchestration 01jd6x0000abcdef, set digest 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      "
    `)
  })

  it('hostile text in the step summary stays in its table cell', async () => {
    const { summary } = await step(hostile())
    const rows = summary.split('\n').filter((line) => line.startsWith('|'))
    expect(rows.map((row) => row.split('|').length - 2)).toEqual([5, 5, 5, 4, 4, 4])
    expect(summary).not.toMatch(/@octocat|<b>/u)
  })

  it('the step summary draws no graph of more than 100 jobs', async () => {
    const sketches = Array.from({ length: 101 }, (_, index) => ({ id: `job${index}` }))
    const { summary } = await step(new Story(sketchPlan('DPTA-1', sketches)).ends(1, 'cancelled', 'interrupted'))
    expect(summary).toContain('The graph has 101 jobs: too many to draw.')
    expect(summary).not.toContain('mermaid')
  })

  it('the step summary stays below 1 MiB and reports what it omits', async () => {
    const title = 'x'.repeat(1000)
    const sketches = Array.from({ length: 1500 }, (_, index) => ({ id: `job${index}`, title }))
    const { summary } = await step(new Story(sketchPlan('DPTA-1', sketches)).ends(1, 'cancelled', 'interrupted'))
    expect(Buffer.byteLength(summary)).toBeLessThan(1_048_576)
    expect(summary).toMatch(/… \d+ lines omitted: GitHub accepts 1 MiB\.\n$/u)
  })

  it('the step summary colours 50 jobs by their outcome', async () => {
    const { summary } = await step(fifty(true))
    expect(
      summary
        .match(/:::(\w+)/gu)
        ?.sort()
        .filter((kind, at, all) => all.indexOf(kind) === at),
    ).toEqual([':::cancelled', ':::failed', ':::notrun', ':::succeeded'])
  })
})

describe('the step outputs', () => {
  it('the step outputs contain the outcome and the unlocked pull requests', async () => {
    expect((await step(succeeded())).outputs).toMatchInlineSnapshot(`
      "
      outcome<<orch_token1
      succeeded
      orch_token1
      orchestration-id<<orch_token2
      01jd6x0000abcdef
      orch_token2
      set-digest<<orch_token3
      0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      orch_token3
      unlocked<<orch_token4
      [{"repository":"ismenablement/repoB","number":11,"url":"https://github.com/ismenablement/repoB/pull/11","headSha":"0202020202020202020202020202020202020202"},{"repository":"ismenablement/repoD","number":13,"url":"https://github.com/ismenablement/repoD/pull/13","headSha":"0404040404040404040404040404040404040404"}]
      orch_token4
      result<<orch_token5
      succeeded
      orch_token5
      orchestration<<orch_token6
      01jd6x0000abcdef
      orch_token6
      digest<<orch_token7
      0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
      orch_token7
      runs<<orch_token8
      [{"job":"repoB","repository":"ismenablement/repoB","runId":21000000001,"runAttempt":1,"url":"https://github.com/ismenablement/repoB/actions/runs/21000000001","outcome":"succeeded"},{"job":"repoD","repository":"ismenablement/repoD","runId":21000000003,"runAttempt":1,"url":"https://github.com/ismenablement/repoD/actions/runs/21000000003","outcome":"succeeded"}]
      orch_token8
      "
    `)
  })

  it.each([
    ['failed', failed],
    ['cancelled', cancelled],
    ['nothing to unlock', nothingToUnlock],
  ])('the step output unlocked is empty: %s', async (_name, story) => {
    expect((await step(story())).outputs).toContain('\nunlocked<<orch_token4\n[]\norch_token4\n')
  })

  it('the step outputs are not written if the orchestration did not end', async () => {
    expect(await step(fifty(false))).toMatchObject({ outputs: '\n', summary: '\n' })
  })

  it('a warning reports step outputs that cannot be written, and the summary is still written', async () => {
    const { output, stream } = recordOutput()
    let summary = ''
    const reporter = createGitHubActionsReporter({
      output,
      appendOutput: () => Promise.reject(new Error('EACCES: permission denied\n::error::x')),
      appendSummary: (text) => Promise.resolve(void (summary += text)),
      randomToken: () => 'token',
    })
    await succeeded().reportTo(reporter)
    expect(stream.text.split('\n').at(-2)).toBe(
      '::warning title=GITHUB_OUTPUT not written::The file of GITHUB_OUTPUT could not be written: EACCES: permission denied\\u{a}::error::x',
    )
    expect(summary).toContain('DPTA-1122 succeeded')
  })

  it('the step outputs are written although the summary cannot be written', async () => {
    const { output, stream } = recordOutput()
    let outputs = ''
    const reporter = createGitHubActionsReporter({
      output,
      appendOutput: (text) => Promise.resolve(void (outputs += text)),
      appendSummary: () => Promise.reject(new Error('ENOSPC')),
      randomToken: () => 'token',
    })
    await failed().reportTo(reporter)
    expect(stream.text).toMatch(/^::warning title=GITHUB_STEP_SUMMARY not written::.*ENOSPC$/mu)
    expect(outputs).toContain('failed')
  })
})
