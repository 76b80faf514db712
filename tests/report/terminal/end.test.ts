import { describe, expect, it } from 'vitest'
import { live, sit, whole } from '../support/sitting.js'
import { allStories, failed, fifty, hostile } from '../support/stories.js'
import { sketchPlan } from '../support/plans.js'
import { Story, startedAt } from '../support/story.js'

describe('the terminal after a long or hostile run', () => {
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
})

describe('the terminal at the end without an outcome', () => {
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
