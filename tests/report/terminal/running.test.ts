import { describe, expect, it } from 'vitest'
import { live, sit } from '../support/sitting.js'
import { failed, fifty, found } from '../support/stories.js'
import { examplePlan, sketchPlan } from '../support/plans.js'
import { Story, startedAt } from '../support/story.js'

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
