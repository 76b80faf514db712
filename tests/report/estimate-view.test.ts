import { describe, expect, it } from 'vitest'
import { estimateRun } from '../../src/model/build/estimate.js'
import type { Plan } from '../../src/model/build/plan.js'
import { estimateLines } from '../../src/report/views/estimate-view.js'
import { planToJson } from '../../src/report/json/plan-json.js'
import { renderPlan } from '../../src/report/views/plan-view.js'
import { displayWidth } from '../../src/lib/text-width.js'
import { defaultOptions as plainOptions, sketchPlan } from './support/plans.js'
import type { JobSketch } from './support/plans.js'
import { createSchemaCheck } from './support/schemas.js'
import { hostile } from './support/stories.js'

const view = { color: false, columns: 80 }
const minute = 60_000
const defaultOptions = { ...plainOptions, recordJobs: true }

/** Jobs with a pull request each, and how many minutes each usually takes. */
function planOf(sketches: JobSketch[], minutes: (job: string) => number | undefined): Plan {
  const plan = sketchPlan(
    'DPTA-1122',
    sketches.map((sketch) => ({ title: 'a change', ...sketch })),
  )
  const jobs = plan.jobs.map((job) => {
    const usual = minutes(job.job)
    return usual === undefined ? job : { ...job, usualMs: usual * minute }
  })
  return { ...plan, jobs }
}

const diamond: JobSketch[] = [
  { id: 'repoA' },
  { id: 'repoB', needs: ['repoA'] },
  { id: 'repoC', needs: ['repoA'] },
  { id: 'repoD', needs: ['repoA'] },
  { id: 'repoE', needs: ['repoB', 'repoC', 'repoD'] },
]

function shown(plan: Plan, options = defaultOptions, columns = 80): string {
  return `\n${estimateLines(estimateRun(plan, options, true), { ...view, columns }).join('\n')}\n`
}

describe('the estimate of a run', () => {
  it('the estimate shows the makespan, the critical path and the writes', () => {
    const plan = planOf(diamond, (job) => ({ repoA: 2, repoB: 10, repoC: 3, repoD: 1.5, repoE: 0.5 })[job])
    expect(shown(plan)).toMatchInlineSnapshot(`
      "
      Expected makespan: 12m 30s
        critical path: 12m 30s (repoA 2m 00s, repoB 10m 00s, repoE 30s)
        20 writes to GitHub: 5 claims, 5 dispatches, 5 job statuses, 5 successes
        GitHub's limits delay none of them
      "
    `)
    expect(shown(plan, { ...defaultOptions, maxParallel: 1 })).toContain('Expected makespan: 17m 00s\n')
  })

  it('the estimate names the builds whose duration is not known', () => {
    expect(shown(planOf(diamond, (job) => ({ repoA: 2, repoB: 10 })[job]))).toMatchInlineSnapshot(`
      "
      Expected makespan: at least 12m 00s, without 3 builds of unknown duration:
      repoC, repoD, repoE
        critical path: at least 12m 00s (repoA 2m 00s, repoB 10m 00s, repoE not known)
        20 writes to GitHub: 5 claims, 5 dispatches, 5 job statuses, 5 successes
        GitHub's limits delay none of them
      "
    `)
    expect(shown(planOf(diamond, () => undefined))).toMatchInlineSnapshot(`
      "
      Expected makespan: not known, because these builds have no earlier runs
        longest chain of builds: repoA, repoB, repoE
        20 writes to GitHub: 5 claims, 5 dispatches, 5 job statuses, 5 successes
        GitHub's limits delay none of them
      "
    `)
  })

  it("the estimate shows by how much GitHub's limits on writes delay the run, and why", () => {
    const wide = (count: number): Plan =>
      planOf(
        Array.from({ length: count }, (_, index) => ({ id: `job-${index}` })),
        () => 5,
      )
    expect(shown(wide(40))).toMatchInlineSnapshot(`
      "
      Expected makespan: 5m 45s, unlocked after 6m 00s
        critical path: 5m 00s (job-0 5m 00s)
        160 writes to GitHub: 40 claims, 40 dispatches, 40 job statuses, 40 successes
        GitHub's limits make it 1m 00s longer: 20 are sent at once, then one every
        0.75 s, at most 80 in a minute
      "
    `)
    expect(shown(wide(300))).toMatchInlineSnapshot(`
      "
      Expected makespan: 1h 06m, unlocked after 2h 02m
        critical path: 5m 00s (job-0 5m 00s)
        1200 writes to GitHub: 300 claims, 300 dispatches, 300 job statuses, 300
        successes
        GitHub's limits make it 1h 57m longer: 20 are sent at once, then one every
        0.75 s, at most 80 in a minute and 500 in an hour (1h 46m of it)
      "
    `)
    const halfKnown = planOf(
      Array.from({ length: 40 }, (_, index) => ({ id: `job-${index}` })),
      (job) => (job === 'job-0' ? 5 : undefined),
    )
    expect(shown(halfKnown)).toMatch(/job-12 and 27 more\n/u)
    expect(shown(halfKnown)).toContain("GitHub's limits make it up to ")
  })

  it('the estimate of a run that builds nothing is one sentence', () => {
    const plan = planOf(diamond, () => 5)
    const jobs = plan.jobs.map((job) => ({ ...job, action: 'skip' as const }))
    expect(shown({ ...plan, jobs, targets: [] })).toBe('\nNothing is built\n  nothing is written to GitHub\n')
  })

  it('the estimate fits narrow terminals and prints no control character', () => {
    const plan = planOf(diamond, (job) => ({ repoA: 2, repoB: 10 })[job])
    for (const columns of [30, 40, 60, 80]) {
      const lines = shown(plan, defaultOptions, columns).split('\n')
      expect(lines.filter((line) => displayWidth(line) > columns)).toEqual([])
    }
    expect(shown(hostile().plan)).not.toMatch(/[^\n\P{C}]/u)
  })

  it('the plan and its JSON contain the estimate', () => {
    const plan = planOf(diamond, (job) => ({ repoA: 2, repoB: 10, repoC: 3 })[job])
    expect(renderPlan(plan, defaultOptions, view)).toContain('\nExpected makespan: at least 12m 00s, without')
    const document = planToJson(plan, defaultOptions)
    expect(createSchemaCheck('plan')(document)).toEqual([])
    expect(document).toMatchObject({
      jobs: [{ usualMs: 2 * minute }, {}, {}, { usualMs: null }, { usualMs: null }],
      estimate: {
        builds: 5,
        makespanMs: 12 * minute,
        isLowerBound: true,
        unknownJobs: ['repoD', 'repoE'],
        criticalPath: [{ job: 'repoA' }, { job: 'repoB', usualMs: 10 * minute }, { job: 'repoE', usualMs: null }],
        writes: { claims: 5, dispatches: 5, jobStatuses: 5, successes: 5, all: 20 },
        limits: { minuteMs: 0, hourMs: 0 },
      },
    })
  })
})
