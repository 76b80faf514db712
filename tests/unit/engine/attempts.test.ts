import { describe, expect, test } from 'vitest'
import { decide } from '../../../src/engine/build/decide/decide.js'
import type { Event } from '../../../src/model/build/events.js'
import type { RunReading } from '../../../src/ports/host/builds.js'
import { TestClock } from '../../support/test-clock.js'
import { dispatched, fold, graphOf, minute, observedAt, planOf, readingOf, runOf, sha, startDrive } from './fixtures.js'
import { ScriptedGitHub } from './scripted-github.js'

const graph = graphOf({ A: [] }, { job: { timeoutMs: 10 * minute } })

describe('run without a known attempt', () => {
  test('a completed run without a known attempt settles no job', () => {
    const seen = observedAt(1_000, 'A', { status: 'completed', conclusion: 'success', runAttempt: null })
    const state = fold(planOf(graph), [...dispatched('A'), seen])
    expect(decide(state, 1_000).filter(({ type }) => type === 'settle')).toEqual([])
  })

  test('a run without a known attempt stays in the attempt that was observed last', () => {
    const events = [
      ...dispatched('A'),
      observedAt(1_000, 'A', { runAttempt: 2 }),
      observedAt(2_000, 'A', { runAttempt: null }),
    ]
    const job = fold(planOf(graph), events).jobs.get('A')
    expect(job).toMatchObject({ attemptSince: 0, observation: { run: { runAttempt: 2 } } })
  })
})

/** Drives one build whose run is read together with others; `show` returns the run at a number of ms after the start. */
async function driveTogether(show: (passed: number) => { status: string; conclusion?: string; runAttempt: number }) {
  const clock = new TestClock()
  const github = new ScriptedGitHub(clock, [readingOf('acme/A')])
  const started = clock.now()
  const readings: { at: number; hasAttempt: boolean }[] = []
  github.watched = { count: 20, isShared: true, allowance: null }
  github.hooks.readRun = (_repo, id, options): Promise<RunReading> => {
    const passed = clock.now() - started
    readings.push({ at: passed, hasAttempt: options === undefined })
    const { status, conclusion = null, runAttempt } = show(passed)
    const isAttemptHidden = options?.withAttempt === false && status !== 'completed'
    const run = runOf({ id, headSha: sha('a'), status, conclusion, runAttempt: isAttemptHidden ? null : runAttempt })
    return Promise.resolve({ kind: 'run', run })
  }
  const { run, events } = startDrive(github, clock, graph)
  const ended = await clock.until(run.finished)
  return { ended, events: events(), readings, github }
}

const observed = (events: readonly Event[]): number => events.filter(({ type }) => type === 'run-observed').length

describe('runs in shared readings', () => {
  test('a run in shared readings ends with the attempt that GitHub reports for the completed run', async () => {
    const { ended } = await driveTogether((passed) =>
      passed < 3 * minute
        ? { status: 'in_progress', runAttempt: 1 }
        : { status: 'completed', conclusion: 'success', runAttempt: 1 },
    )
    expect(ended.ending?.outcome).toBe('succeeded')
    expect(ended.jobs.get('A')).toMatchObject({ runAttempt: 1 })
  })

  test('a run in shared readings is read with its attempt after a deadline, and a rerun by hand has its own deadline', async () => {
    const { ended, readings, github } = await driveTogether((passed) => {
      if (passed < 14 * minute) return { status: 'in_progress', runAttempt: passed < 5 * minute ? 1 : 2 }
      return { status: 'completed', conclusion: 'success', runAttempt: 2 }
    })
    expect(github.writesOf('cancel')).toEqual([])
    expect(ended.ending?.outcome).toBe('succeeded')
    expect(ended.jobs.get('A')).toMatchObject({ runAttempt: 2 })
    const whole = readings.filter(({ hasAttempt }) => hasAttempt)
    expect(whole.every(({ at }) => at >= 10 * minute)).toBe(true)
    expect(whole).toHaveLength(1)
  })

  test('a run in shared readings is cancelled when its first attempt exceeds the deadline', async () => {
    const { ended, github } = await driveTogether((passed) =>
      passed > 11 * minute
        ? { status: 'completed', conclusion: 'cancelled', runAttempt: 1 }
        : { status: 'in_progress', runAttempt: 1 },
    )
    expect(github.writesOf('cancel')).toEqual(['acme/A'])
    expect(ended.ending?.outcome).toBe('timed-out')
  })

  test('an unchanged run in shared readings is not journaled after every reading', async () => {
    const { events, readings } = await driveTogether((passed) =>
      passed < 8 * minute
        ? { status: 'in_progress', runAttempt: 1 }
        : { status: 'completed', conclusion: 'success', runAttempt: 1 },
    )
    expect(readings.length).toBeGreaterThan(35)
    expect(observed(events)).toBeLessThan(readings.length - 10)
  })
})
