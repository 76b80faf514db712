import { describe, expect, test } from 'vitest'
import { estimateRun } from '../../../src/model/build/estimate.js'
import type { Plan } from '../../../src/model/build/plan.js'
import { defaultOptions as plainOptions, examplePlan, sketchPlan } from '../../report/support/plans.js'
import type { JobSketch } from '../../report/support/plans.js'

const minute = 60_000
const defaultOptions = { ...plainOptions, recordJobs: true }

function planOf(sketches: JobSketch[], usual: Record<string, number>): Plan {
  const plan = sketchPlan('DPTA-1', sketches)
  const jobs = plan.jobs.map((job) => {
    const usualMs = usual[job.job]
    return usualMs === undefined ? job : { ...job, usualMs }
  })
  return { ...plan, jobs }
}

const diamond: JobSketch[] = [
  { id: 'A', title: 'a' },
  { id: 'B', needs: ['A'], title: 'b' },
  { id: 'C', needs: ['A'], isMember: false },
  { id: 'D', needs: ['A'], title: 'd' },
  { id: 'E', needs: ['B', 'C', 'D'], title: 'e' },
]

describe('the estimate of a run', () => {
  test('an estimate follows the usual durations along the graph and counts the writes', () => {
    const plan = planOf(diamond, { A: 2 * minute, B: 3 * minute, C: 99 * minute, D: 10 * minute, E: minute })
    expect(estimateRun(plan, defaultOptions, true)).toEqual({
      builds: 4,
      unknownJobs: [],
      makespanMs: 13 * minute,
      unlockedMs: 13 * minute,
      criticalPath: [
        { job: 'A', usualMs: 2 * minute },
        { job: 'D', usualMs: 10 * minute },
        { job: 'E', usualMs: minute },
      ],
      criticalPathMs: 13 * minute,
      writes: { claims: 4, dispatches: 4, jobStatuses: 4, successes: 4 },
      limits: { minuteMs: 0, hourMs: 0 },
    })
  })

  test('an estimate is longer than the critical path when jobs wait for a slot', () => {
    const plan = planOf(diamond, { A: minute, B: 3 * minute, D: 10 * minute, E: minute })
    const { makespanMs, criticalPathMs } = estimateRun(plan, { ...defaultOptions, maxParallel: 1 }, true)
    expect({ makespanMs, criticalPathMs }).toEqual({ makespanMs: 15 * minute, criticalPathMs: 12 * minute })
  })

  test('an estimate names the builds of unknown duration and counts them as 0', () => {
    const estimate = estimateRun(planOf(diamond, { A: minute, D: 10 * minute }), defaultOptions, true)
    expect(estimate).toMatchObject({ unknownJobs: ['B', 'E'], makespanMs: 11 * minute, criticalPathMs: 11 * minute })
    expect(estimate.criticalPath).toEqual([
      { job: 'A', usualMs: minute },
      { job: 'D', usualMs: 10 * minute },
      { job: 'E', usualMs: null },
    ])
  })

  test('an estimate has no times when no duration is known', () => {
    const estimate = estimateRun(planOf(diamond, {}), defaultOptions, true)
    expect(estimate).toMatchObject({ makespanMs: null, unlockedMs: null, criticalPathMs: null })
    expect(estimate.criticalPath.map(({ job }) => job)).toEqual(['A', 'B', 'E'])
  })

  test('an estimate with --no-status has no status writes and no unlock time', () => {
    const estimate = estimateRun(planOf(diamond, { A: 1 }), { ...plainOptions, postStatus: false }, true)
    expect(estimate.writes).toEqual({ claims: 0, dispatches: 4, jobStatuses: 0, successes: 0 })
    expect(estimate.unlockedMs).toBeNull()
  })

  test('an estimate of a change that is already built and unlocked has no writes', () => {
    const plan = { ...planOf(diamond, {}), isUnlocked: true }
    const jobs = plan.jobs.map((job) => ({ ...job, action: 'skip' as const }))
    const estimate = estimateRun({ ...plan, jobs }, defaultOptions, true)
    expect(estimate.writes).toEqual({ claims: 0, dispatches: 0, jobStatuses: 0, successes: 0 })
    expect(estimate).toMatchObject({ builds: 0, makespanMs: 0, unlockedMs: null })
  })

  test('an estimate counts excluded and skipped jobs neither as work nor as time', () => {
    const plan = examplePlan()
    const jobs = plan.jobs.map((job) => ({
      ...job,
      action: job.job === 'repoB' ? ('run' as const) : ('exclude' as const),
      usualMs: minute,
    }))
    const estimate = estimateRun({ ...plan, jobs }, { ...plainOptions, only: 'repoB', postStatus: false }, true)
    expect(estimate).toMatchObject({ builds: 1, makespanMs: minute, criticalPath: [{ job: 'repoB' }] })
  })

  test('an estimate states how much later each limit on writes makes the end', () => {
    const sketches = Array.from({ length: 200 }, (_, index) => ({ id: `j${index}`, title: 'a change' }))
    const usual = Object.fromEntries(sketches.map(({ id }) => [id, 5 * minute]))
    const plan = planOf(sketches, usual)
    const { limits, makespanMs, unlockedMs, writes } = estimateRun(plan, defaultOptions, true)
    expect(writes).toEqual({ claims: 200, dispatches: 200, jobStatuses: 200, successes: 200 })
    // 400 writes before the last build starts: eighty a minute, and the last eighty within 45 s.
    expect(makespanMs).toBe(4 * 60_100 + 45_000 + 5 * minute)
    expect(limits.minuteMs).toBeGreaterThan(4 * 60_100)
    expect(limits.hourMs).toBeGreaterThan(40 * minute)
    expect(unlockedMs).toBeGreaterThan(60 * minute)
    expect(estimateRun(plan, defaultOptions, false)).toMatchObject({
      makespanMs: 5 * minute,
      limits: { minuteMs: 0, hourMs: 0 },
    })
  })

  test('an estimate of a chain of 100 jobs in a graph of 1,000 is the sum of the chain', () => {
    const sketches = Array.from({ length: 1000 }, (_, index) => ({
      id: `j${index}`,
      needs: index < 10 ? [] : [`j${index - 10}`],
      title: 'a change',
    }))
    const usual = Object.fromEntries(sketches.map(({ id }) => [id, minute]))
    const estimate = estimateRun(planOf(sketches, usual), { ...defaultOptions, maxParallel: 8 }, true)
    expect(estimate.criticalPath).toHaveLength(100)
    expect(estimate.criticalPathMs).toBe(100 * minute)
    expect(estimate.makespanMs).toBeGreaterThanOrEqual(125 * minute)
  })
})
