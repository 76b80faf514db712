import { describe, expect, it } from 'vitest'
import { ganttLines } from '../../src/report/views/gantt.js'
import { displayWidth } from '../../src/lib/text-width.js'
import { sketchPlan } from './support/plans.js'
import { allStories, failed, fifty } from './support/stories.js'
import { Story, startedAt } from './support/story.js'

const view = { color: false, columns: 80 }

function chart(story: Story, options: { columns?: number; unicode?: boolean; at?: number } = {}): string {
  const { at, ...rest } = options
  const { orchestration } = story.last
  const shown = at === undefined ? orchestration.lastAt : startedAt + at * 1000
  return `${ganttLines(orchestration, shown, { ...view, ...rest }).join('\n')}\n`
}

const diamond = () =>
  new Story(
    sketchPlan('DPTA-1', [
      { id: 'repoA', title: 'a' },
      { id: 'repoB', needs: ['repoA'], title: 'b' },
      { id: 'repoC', needs: ['repoA'], isMember: false },
      { id: 'repoD', needs: ['repoA'], title: 'd' },
      { id: 'repoE', needs: ['repoB', 'repoC', 'repoD'], title: 'e' },
    ]),
  )

/** repoD waits half a minute for a runner; repoE goes on. */
function going(): Story {
  return diamond()
    .posts(1, 'claim', 'pending')
    .builds(2, 62, 'repoA')
    .dispatches(63, 'repoB')
    .dispatches(63, 'repoD')
    .sees(65, 'repoB', 'in_progress')
    .sees(65, 'repoD', 'queued')
    .sees(93, 'repoD', 'in_progress')
    .sees(120, 'repoB', 'completed', 'success')
    .settles(120, 'repoB', 'succeeded', 'its run succeeded')
    .sees(185, 'repoD', 'completed', 'success')
    .settles(185, 'repoD', 'succeeded', 'its run succeeded')
    .dispatches(186, 'repoE')
    .sees(190, 'repoE', 'queued')
    .sees(200, 'repoE', 'in_progress')
}

describe('the times of the builds as bars', () => {
  it('the chart shows queue and build of each job, the critical path and the makespan over it', () => {
    expect(chart(going(), { at: 240 })).toMatchInlineSnapshot(`
      "
      Times
      ◆ repoA   ███████████████                                                 1m 00s
        repoB                   ███████████████                                    57s
      ◆ repoD                   ░░░░░░░█████████████████████████                2m 02s
      ◆ repoE                                                   ░░░░█████████▸     54s
               │0s             │1m             │2m            │3m             │4m
        ◆ critical path, ░ queued, █ running, ▸ still running
        makespan so far 4m 00s, 1.02 times the critical path of 3m 56s
      "
    `)
  })

  it('the chart marks a build that did not succeed', () => {
    expect(chart(failed())).toMatchInlineSnapshot(`
      "
      Times
        repoB    ░░░░░░██████████████████████████████████████████████████✖      1m 03s
      ◆ repoD    ░░██████████████████████████████████████████████████████████✖  1m 08s
               │0s      │10s     │20s     │30s     │40s     │50s     │1m      │1m 10s
        ◆ critical path, ░ queued, █ running, ✖ did not succeed
        makespan 1m 10s, 1.03 times the critical path of 1m 08s
      "
    `)
  })

  it('the chart is ASCII only without unicode', () => {
    const text = chart(going(), { at: 240, unicode: false, columns: 60 })
    expect(text).toMatchInlineSnapshot(`
      "
      Times
      * repoA  .##########                                  1m 00s
        repoB             .##########                          57s
      * repoD             ......################            2m 02s
      * repoE                                   ...######>     54s
               |0s        |1m        |2m       |3m        |4m
        * critical path, . queued, # running, > still running
        makespan so far 4m 00s, 1.02 times the critical path of 3m
        56s
      "
    `)
    expect(text).toMatch(/^[\n -~]*$/u)
  })

  it('the chart cuts long job names in their middle', () => {
    const long = new Story(
      sketchPlan('DPTA-1', [
        { id: 'a-library-with-quite-a-long-name-of-its-own' },
        { id: 'a-library-with-quite-a-long-name-of-another', needs: ['a-library-with-quite-a-long-name-of-its-own'] },
      ]),
    )
      .builds(1, 3_600, 'a-library-with-quite-a-long-name-of-its-own')
      .builds(3_600, 9_000, 'a-library-with-quite-a-long-name-of-another')
    expect(chart(long, { columns: 60 })).toMatchInlineSnapshot(`
      "
      Times
      ◆ a-library…-its-own  ████████████                   59m 59s
      ◆ a-library…-another              ██████████████████  1h 30m
                            │0s         │1h         │2h
        ◆ critical path, ░ queued, █ running
        makespan 2h 30m, 1.00 times the critical path of 2h 29m
      "
    `)
    expect(chart(long, { columns: 60, unicode: false })).toMatch(/^[\n -~]*$/u)
  })

  it('the chart is empty if nothing was dispatched, and has no bars if they do not fit', () => {
    expect(ganttLines(diamond().last.orchestration, startedAt, view)).toEqual([])
    expect(chart(going(), { at: 240, columns: 16 })).not.toContain('█')
    expect(chart(going(), { at: 240, columns: 16 })).toContain('makespan')
  })

  it('the chart of many builds draws the most important ones and counts the others', () => {
    const ids = Array.from({ length: 40 }, (_, index) => `job-${String(index).padStart(2, '0')}`)
    const story = new Story(
      sketchPlan(
        'DPTA-1',
        ids.map((id, index) => ({ id, needs: index === 1 ? ['job-00'] : [] })),
      ),
    )
    ids.forEach((id, index) => index !== 1 && story.dispatches(0, id))
    story.sees(10, 'job-00', 'completed', 'success').settles(10, 'job-00', 'succeeded', 'its run succeeded')
    story.dispatches(10, 'job-01')
    ids.slice(2).forEach((id, index) => {
      const isBad = index === 0
      story.sees(20 + index, id, 'completed', isBad ? 'failure' : 'success')
      story.settles(20 + index, id, isBad ? 'failed' : 'succeeded', 'its run ended')
    })
    story.sees(80, 'job-01', 'completed', 'success').settles(80, 'job-01', 'succeeded', 'its run succeeded')
    const text = chart(story)
    expect(text.split('\n').filter((line) => line.includes('█'))).toHaveLength(25)
    expect(text).toMatch(/◆ job-00 .*\n(?:.*\n)*◆ job-01 /u)
    expect(text).toMatch(/ {2}job-02 .*✖/u)
    expect(text).toContain('and 16 builds more, each of 36s at most')
    expect(text).toContain('makespan 1m 20s, 1.00 times the critical path of 1m 20s')
  })

  it('a build that was first read after its end is drawn as running since it was last read as queued', () => {
    const seen = new Story(sketchPlan('DPTA-1', [{ id: 'lib' }]))
      .dispatches(0, 'lib')
      .sees(40, 'lib', 'queued')
      .sees(80, 'lib', 'completed', 'success')
      .settles(80, 'lib', 'succeeded', 'its run succeeded')
    expect(chart(seen)).toMatch(/lib {2}(░+)(█+) /u)
    const unseen = new Story(sketchPlan('DPTA-1', [{ id: 'lib' }]))
      .dispatches(0, 'lib')
      .sees(80, 'lib', 'completed', 'success')
      .settles(80, 'lib', 'succeeded', 'its run succeeded')
    expect(chart(unseen)).toMatch(/lib {2}█+ /u)
    const waits = new Story(sketchPlan('DPTA-1', [{ id: 'lib' }])).dispatches(0, 'lib').sees(40, 'lib', 'queued')
    expect(chart(waits, { at: 80 })).toMatch(/lib {2}░+▸ /u)
  })

  it('a build that was run again is drawn as running from its first attempt on', () => {
    const story = new Story(sketchPlan('DPTA-1', [{ id: 'lib' }])).dispatches(0, 'lib').sees(10, 'lib', 'in_progress')
    const { orchestration } = story.last
    const state = orchestration.jobs.get('lib')
    if (state?.phase !== 'running' || !state.observation.run) throw new Error('it runs')
    const run = { ...state.observation.run, status: 'queued', runAttempt: 2 }
    story.at(50, { type: 'run-observed', job: 'lib', run, nextAt: startedAt })
    expect(chart(story, { at: 100 })).toMatch(/lib {2}(░{7})(█+)▸ /u)
  })

  it.each(Object.entries(allStories))('the chart fits every width: %s', (_name, tell) => {
    for (const columns of [24, 30, 40, 60, 80, 200]) {
      for (const unicode of [true, false]) {
        const lines = chart(tell(), { columns, unicode }).split('\n')
        expect(lines.filter((line) => displayWidth(line) > Math.min(columns, 80))).toEqual([])
      }
    }
  })

  it('the chart is painted only if colours are on', () => {
    expect(chart(fifty(true))).not.toContain('\u001b')
    const painted = ganttLines(failed().last.orchestration, startedAt + 71_000, { ...view, color: true }).join('\n')
    expect(painted).toContain('\u001b[31m✖\u001b[39m')
    expect(painted).toContain('\u001b[2m░░░░░░\u001b[22m\u001b[31m██████')
  })
})
