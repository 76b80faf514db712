import { describe, expect, test } from 'vitest'
import type { Drive } from '../../../src/engine/build/drive.js'
import type { Event } from '../../../src/model/build/events.js'
import type { WorkflowRun } from '../../../src/model/workflow-run.js'
import { MemoryJournal } from '../../support/memory-journal.js'
import { TestClock } from '../../support/test-clock.js'
import { graphOf, minute, readingOf, runOf, startDrive } from './fixtures.js'
import { ScriptedGitHub } from './scripted-github.js'

const second = 1_000

interface Driven {
  clock: TestClock
  github: ScriptedGitHub
  run: Drive
  events: () => Event[]
  /** Pushes the run of a job, as a webhook would. */
  push: (job: string, changes: Partial<WorkflowRun>) => void
}

/** Each event takes 20 ms to be written, so that others queue behind it. */
class SlowJournal extends MemoryJournal {
  private readonly clock: TestClock

  constructor(clock: TestClock) {
    super()
    this.clock = clock
  }

  override async append(event: Event): Promise<void> {
    await this.clock.sleep(20)
    return super.append(event)
  }
}

/** Drives A and then B; the scripts set the duration of each build. */
function driven(
  lasts: { A: number; B?: number },
  Journal: new (clock: TestClock) => MemoryJournal = MemoryJournal,
): Driven {
  const clock = new TestClock()
  const github = new ScriptedGitHub(
    clock,
    ['acme/A', 'acme/B'].map((repo) => readingOf(repo)),
  )
  github.scripts.set('acme/A', { lasts: lasts.A })
  github.scripts.set('acme/B', { lasts: lasts.B ?? minute })
  const graph = graphOf({ A: [], B: ['A'] }, { job: { timeoutMs: 10 * minute } })
  const { run, events } = startDrive(github, clock, graph, { journal: new Journal(clock) })
  const push: Driven['push'] = (job, changes) => {
    const known = [...github.runs].findLast(([, { repo }]) => repo === `acme/${job}`)
    if (!known) throw new Error(`no run of ${job}`)
    const [id, { headSha }] = known
    run.observe(`ACME/${job}`, runOf({ id, headSha, ...changes }))
  }
  return { clock, github, run, events, push }
}

const completed = { status: 'completed', conclusion: 'success' }
const typesOf = (events: readonly Event[], job: string): string[] =>
  events.flatMap((event) => ('job' in event && event.job === job ? [event.type] : []))

/** Makes the adapter delay the next poll by minutes. */
function pollRarely(github: ScriptedGitHub): void {
  github.watched = { count: 1_000, isShared: false, allowance: null }
}

describe('pushed run', () => {
  test('a pushed completion settles the job and starts its dependents at once, before the next poll', async () => {
    const { clock, github, events, push } = driven({ A: 40 * second })
    pollRarely(github)
    await clock.advance(41 * second)
    expect(github.writesOf('dispatch')).toEqual(['acme/A'])
    const readings = typesOf(events(), 'A').filter((type) => type === 'run-observed').length
    push('A', completed)
    await clock.advance(100)
    expect(github.writesOf('dispatch')).toEqual(['acme/A', 'acme/B'])
    expect(typesOf(events(), 'A').slice(-2)).toEqual(['run-observed', 'job-settled'])
    expect(typesOf(events(), 'A').filter((type) => type === 'run-observed')).toHaveLength(readings + 1)
  })

  test('a run whose progress was pushed is polled every two minutes, and its end is noticed although its push is lost', async () => {
    const { clock, github, push, events } = driven({ A: 9 * minute })
    const polls = new Set<number>()
    const countPolls = (): void => {
      github.hooks.readRun = (repo) => {
        if (repo === 'acme/A') polls.add(clock.now())
        return undefined
      }
    }
    await clock.advance(10 * second)
    push('A', { status: 'in_progress' })
    await clock.advance(10 * second)
    countPolls()
    await clock.advance(8 * minute)
    expect(polls.size).toBeGreaterThan(2)
    expect(polls.size).toBeLessThan(6)
    await clock.advance(3 * minute)
    expect(typesOf(events(), 'A')).toContain('job-settled')
  })

  test('a pushed run of another orchestration or of another repository is ignored', async () => {
    const { clock, github, run, events } = driven({ A: 40 * second })
    pollRarely(github)
    await clock.advance(20 * second)
    const before = events().length
    const [id] = [...github.runs.keys()]
    run.observe('acme/A', runOf({ id: 999_999, ...completed }))
    run.observe('acme/B', runOf({ id: id ?? 0, ...completed }))
    await clock.advance(100)
    expect(events()).toHaveLength(before)
  })

  test('a pushed run that shows less than is known is ignored', async () => {
    const { clock, github, events, push } = driven({ A: 10 * minute })
    pollRarely(github)
    await clock.advance(20 * second)
    push('A', { status: 'in_progress', runAttempt: 2 })
    await clock.advance(100)
    const before = events().length
    push('A', { status: 'queued', runAttempt: 2 })
    push('A', { ...completed, runAttempt: 1 })
    await clock.advance(100)
    expect(events()).toHaveLength(before)
  })

  test('a pushed run in progress is ignored while the run waits between two workflow jobs, because it may be from before', async () => {
    const { clock, github, events, push } = driven({ A: 10 * minute })
    pollRarely(github)
    await clock.advance(5 * second)
    github.hooks.readRun = (_repo, id) => Promise.resolve({ kind: 'run', run: runOf({ id, status: 'waiting' }) })
    await clock.advance(10 * minute)
    const observed = events().findLast(({ type }) => type === 'run-observed')
    expect(observed).toMatchObject({ run: { status: 'waiting' } })
    const before = events().length
    push('A', { status: 'in_progress', runAttempt: 1 })
    await clock.advance(100)
    expect(events()).toHaveLength(before)
    push('A', completed)
    await clock.advance(100)
    expect(typesOf(events(), 'A').slice(-2)).toEqual(['run-observed', 'job-settled'])
  })

  test('no deadline fires by a pushed run that has not completed, only by the next poll (law 5)', async () => {
    const { clock, github, events, push } = driven({ A: 9.9 * minute })
    pollRarely(github)
    let release: () => void = () => undefined
    await clock.advance(5 * second)
    github.hooks.readRun = () => new Promise((resolve) => (release = () => resolve({ kind: 'absent' })))
    // The poll is in flight past the deadline, and an earlier delivery arrives late.
    await clock.advance(12 * minute)
    const before = events().filter(({ type }) => type === 'run-observed').length
    push('A', { status: 'waiting', runAttempt: 2 })
    await clock.advance(second)
    expect(events().filter(({ type }) => type === 'run-observed')).toHaveLength(before)
    expect(github.writesOf('cancel')).toEqual([])
    // The build ended in time, so its completion counts although it is pushed late.
    push('A', completed)
    await clock.advance(second)
    release()
    expect(github.writesOf('cancel')).toEqual([])
    expect(github.writesOf('dispatch')).toEqual(['acme/A', 'acme/B'])
  })

  test('a poll that was overtaken by a pushed completion does not take it back', async () => {
    const { clock, github, events, run, push } = driven({ A: minute }, SlowJournal)
    let answer: () => void = () => undefined
    await clock.advance(second)
    github.hooks.readRun = (_repo, id) =>
      new Promise((resolve) => {
        answer = () => resolve({ kind: 'run', run: runOf({ id, status: 'in_progress' }) })
      })
    await clock.advance(10 * second)
    push('A', completed)
    answer()
    // The answer is queued between the completion that is being written and the settlement that follows it.
    delete github.hooks.readRun
    await clock.advance(100)
    expect(typesOf(events(), 'A').slice(-2)).toEqual(['run-observed', 'job-settled'])
    expect((await clock.until(run.finished)).ending?.outcome).toBe('succeeded')
  })

  test('a pushed later attempt of a failed run restarts its settled job while others are still built', async () => {
    const clock = new TestClock()
    const github = new ScriptedGitHub(
      clock,
      ['acme/A', 'acme/B'].map((repo) => readingOf(repo)),
    )
    github.scripts.set('acme/A', { lasts: 20 * second, conclusion: 'failure' })
    github.scripts.set('acme/B', { lasts: 5 * minute })
    const { run, events } = startDrive(github, clock, graphOf({ A: [], B: [] }, { failFast: false }))
    await clock.advance(40 * second)
    expect(typesOf(events(), 'A')).toContain('job-settled')
    const [id] = [...github.runs].find(([, { repo }]) => repo === 'acme/A') ?? [0]
    run.observe('acme/A', runOf({ id, status: 'completed', conclusion: 'failure', runAttempt: 1 }))
    await clock.advance(100)
    expect(typesOf(events(), 'A')).not.toContain('run-restarted')
    run.observe('acme/A', runOf({ id, status: 'in_progress', runAttempt: 2 }))
    await clock.advance(100)
    expect(typesOf(events(), 'A').at(-1)).toBe('run-restarted')
    run.observe('acme/A', runOf({ id, ...completed, runAttempt: 2 }))
    const ended = await clock.until(run.finished)
    expect(ended.jobs.get('A')).toMatchObject({ outcome: 'succeeded', runAttempt: 2 })
    expect(ended.ending?.outcome).toBe('succeeded')
  })
})
