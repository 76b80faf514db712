import { describe, expect, test } from 'vitest'
import { experiments } from '../../bench/experiments.js'
import { wideJobs } from '../../bench/graph.js'
import { lateness } from '../../bench/lateness.js'
import { judge, measured, notMeasured, spreadOf } from '../../bench/measured.js'
import { markdown, table } from '../../bench/print.js'
import { allRows, isSelected, rowsOf } from '../../bench/table.js'
import { openVirtualStage } from '../../bench/virtual.js'

describe('the rows of the benchmark', () => {
  test('have the bounds that orch holds itself to', () => {
    expect(
      Object.fromEntries(allRows.map(({ id, bound, by }) => [id, bound === null ? null : `${bound} ${by}`])),
    ).toEqual({
      version: '1.5 median',
      'first-request': '3 median',
      'plan-100-requests': '4 max',
      'plan-1000-requests': '40 max',
      'build-20s-no-status-requests': '7 max',
      'build-20s-requests': '12 max',
      'build-1h-requests': '20 max',
      'build-20s-lateness': '1 mean',
      'hundred-memory': '90 median',
      'hundred-cpu': '1.5 median',
      'watch-hour-requests': '300 max',
      makespan: '1.05 median',
      'makespan-known': '1.05 median',
      'plan-1000-cpu': '0.8 median',
      'plan-1000-memory': '120 median',
      histories: '0 max',
      tests: '300 median',
      'tests-fast': '60 median',
      'build-20s-known-lateness': '1 median',
      'build-5min-requests': '25 max',
      'build-5min-lateness': '2 median',
      'hundred-5min-requests': '750 max',
      'hundred-statuses': '1 median',
      'second-run-requests': '6 max',
      'second-run-writes': '0 max',
      'engine-time': '2 max',
      'engine-memory': null,
      'scale-cpu': '2 max',
      'service-event-embedded': '50 median',
      'service-event-postgres': null,
      'service-webhook-embedded': '100 median',
      'service-webhook-postgres': '100 median',
      'service-accepted-outside-embedded': null,
      'service-accepted-inside-embedded': null,
      'service-accepted-outside-postgres': null,
      'service-accepted-inside-postgres': null,
      'service-answer-embedded': '1000 median',
      'service-answer-postgres': '1000 median',
      'service-flow-step-embedded': '50 median',
      'service-flow-step-postgres': null,
      'service-flow-accepted-embedded': null,
      'service-flow-accepted-postgres': null,
      'service-flow-unmatched-embedded': null,
      'service-flow-unmatched-postgres': null,
      'service-flow-repeated-embedded': null,
      'service-flow-repeated-postgres': null,
      'service-flow-list-embedded': '50 median',
      'service-flow-list-postgres': '50 median',
      'service-flow-filter-embedded': '50 median',
      'service-flow-filter-postgres': '50 median',
      'service-waiting-200-cpu-embedded': null,
      'service-waiting-200-memory-embedded': null,
      'service-waiting-200-cpu-postgres': null,
      'service-waiting-200-memory-postgres': null,
      'service-waiting-200-statements-postgres': null,
      'service-waiting-2000-cpu-embedded': null,
      'service-waiting-2000-memory-embedded': null,
      'service-waiting-2000-cpu-postgres': null,
      'service-waiting-2000-memory-postgres': null,
      'service-waiting-2000-statements-postgres': null,
      'service-take-over': '30 max',
    })
  })

  test('are selected by name or by group, those that take long only by a group of their own', () => {
    expect(rowsOf('tests')).toEqual(['tests', 'tests-fast'])
    expect(rowsOf('service-event')).toEqual(['service-event-embedded', 'service-event-postgres'])
    expect(rowsOf('service')).not.toContain('service-waiting-2000-cpu-postgres')
    expect(rowsOf('service-waiting-2000')).toContain('service-waiting-2000-cpu-postgres')
    expect(rowsOf('absent')).toEqual([])
    const selected = (only: string[]): boolean[] =>
      (['makespan', 'service-waiting-2000-cpu-postgres'] as const).map((id) => isSelected(id, only))
    expect(selected([])).toEqual([true, false])
    expect(selected(['service-waiting-2000-cpu-postgres'])).toEqual([false, true])
  })

  test('are each measured by one experiment', () => {
    expect(experiments.flatMap(({ rows }) => rows).sort()).toEqual(allRows.map(({ id }) => id).sort())
  })

  test('are held up to their bound and missed beyond it', () => {
    const held = (samples: number[]): unknown => judge([measured('build-20s-requests', samples)])[0]?.isHeld
    expect([held([12, 12]), held([11, 13]), held([1])]).toEqual([true, false, true])
    expect(judge([measured('makespan', [1, 1.05, 9])])[0]?.isHeld).toBe(true)
    expect(judge([measured('makespan', [1, 1.06, 9])])[0]?.isHeld).toBe(false)
  })

  test('are missed where they could not be measured', () => {
    expect(judge([notMeasured('makespan', 'failed')])[0]?.isHeld).toBe(false)
    expect(judge([notMeasured('service-event-postgres', 'there is none')])[0]?.isHeld).toBeNull()
    expect(() => spreadOf([])).toThrow('no run was measured')
  })

  test('are shown with their figures and whether they are held', () => {
    const judged = judge([measured('build-20s-lateness', [0.5, 0.75, 1.75], ['a note'])])
    const line = '| 0.5 s | 0.75 s | 1 s | 1.75 s | 3 | real | held |'
    expect(markdown(judged)).toContain(line)
    expect(table(judged)).toMatch(/0\.5 s +0\.75 s +1 s +1\.75 s +3 +real +held\n {4}a note$/u)
  })
})

describe('the virtual stage', () => {
  test('runs the real command through ten minutes of building in a moment, as if against github.com', async () => {
    await using stage = await openVirtualStage({ jobs: wideJobs(1), buildMs: () => 600_000 })
    const before = stage.clock.now()
    const { stdout } = await stage.orch('run DPTA-1', 1)
    const { world, log, unanswered } = stage.stub
    expect(stdout).toContain('succeeded')
    expect(stage.clock.now() - before).toBeGreaterThan(600_000)
    expect([...unanswered]).toEqual([])
    expect(world.runs).toHaveLength(1)
    expect(log.filter(({ route }) => route.endsWith('/dispatches'))).toHaveLength(1)
    expect(lateness(world)).toBeGreaterThan(0)
  })

  test('gives no figure for a command that does not succeed', async () => {
    await using stage = await openVirtualStage({ jobs: wideJobs(1), members: [], buildMs: () => 1_000 })
    await expect(stage.orch('run DPTA-1', 1)).rejects.toThrow('orch run DPTA-1 ended with')
  })
})
