import { describe, expect, test } from 'vitest'
import { fold } from '../../../src/engine/build/state/apply.js'
import { drive, resume } from '../../../src/engine/build/drive.js'
import type { Drive, Ports } from '../../../src/engine/build/drive.js'
import type { Event } from '../../../src/model/build/events.js'
import type { Orchestration } from '../../../src/model/build/orchestration.js'
import { MemoryJournal } from '../../support/memory-journal.js'
import { TestClock } from '../../support/test-clock.js'
import { graphOf, minute, optionsOf, orchestrationId, planOf, readingOf } from './fixtures.js'
import { ScriptedGitHub } from './scripted-github.js'

const reporter = { report: () => undefined, close: () => Promise.resolve() }

/** A journal that another process may take over: from then on every append is refused. */
class SharedJournal extends MemoryJournal {
  isTakenOver = false

  override append(event: Event): Promise<void> {
    return this.isTakenOver ? Promise.reject(new Error('another process drives it')) : super.append(event)
  }
}

function scene(needs: Readonly<Record<string, readonly string[]>>) {
  const clock = new TestClock()
  const graph = graphOf(needs)
  const readings = graph.jobs.map(({ repo }) => readingOf(repo))
  const github = new ScriptedGitHub(clock, readings)
  for (const { repo } of graph.jobs) github.scripts.set(repo, { lasts: 10 * minute })
  const journal = new SharedJournal()
  const ports: Ports = { github, clock, journal, reporter, onJournalFailure: 'hand-over' }
  const start = { id: orchestrationId, plan: planOf(graph, { readings }), options: optionsOf(graph) }
  const events = (): Event[] => journal.lines.map((line) => JSON.parse(line) as Event)
  const types = (): string[] => events().map(({ type }) => type)
  const resumed = (): Drive => resume({ ...ports }, fold(events()))
  return { clock, github, journal, types, resumed, run: drive(ports, start) }
}

function isOpen({ ending, interrupted }: Orchestration): boolean {
  return ending === null && interrupted === null
}

describe('an orchestration that is handed over', () => {
  test('nothing is cancelled, posted or dispatched by the process that hands it over', async () => {
    const { clock, github, types, run } = scene({ A: [], B: ['A'] })
    await clock.advance(minute)
    const before = { writes: [...github.writes], types: types() }
    run.handOver('gracefully')
    expect(await clock.until(run.finished)).toSatisfy(isOpen)
    await clock.advance(30 * minute)
    expect(github.writes).toEqual(before.writes)
    expect(types()).toEqual(before.types)
  })

  test('a process that resumes it dispatches no job twice and posts one success', async () => {
    const { clock, github, resumed, run } = scene({ A: [], B: ['A'] })
    await clock.advance(minute)
    run.handOver('gracefully')
    await clock.until(run.finished)
    const { ending } = await clock.until(resumed().finished)
    expect(ending?.outcome).toBe('succeeded')
    expect(github.writesOf('dispatch')).toEqual(['acme/A', 'acme/B'])
    expect(github.writesOf('success')).toEqual(['acme/A', 'acme/B'])
  })

  test('the answer of a dispatch in flight is still journaled when it comes within three seconds', async () => {
    const it = scene({ A: [], B: ['A'] })
    it.github.hooks.dispatch = ({ repo }) => it.clock.sleep(2_000).then(() => it.github.accept(repo))
    await it.clock.advance(1_000)
    it.run.handOver('gracefully')
    await it.clock.until(it.run.finished)
    expect(it.types().at(-1)).toBe('dispatch-accepted')
  })

  test('a request that never answers delays the hand-over by three seconds at most', async () => {
    const { clock, github, run } = scene({ A: [] })
    github.hooks.dispatch = () => new Promise(() => undefined)
    await clock.advance(1_000)
    const before = clock.now()
    run.handOver('gracefully')
    await clock.until(run.finished)
    expect(clock.now() - before).toBe(3_000)
  })

  test('a dispatch that still waits for its turn is not sent after the hand-over', async () => {
    const { clock, github, types, run } = scene({ A: [] })
    let release: () => void = () => undefined
    github.hooks.beforeLimiter = () => new Promise((resolve) => (release = resolve))
    await clock.advance(1_000)
    run.handOver('gracefully')
    release()
    await clock.until(run.finished)
    expect(github.writesOf('dispatch')).toEqual([])
    expect(types()).not.toContain('dispatch-requested')
  })

  test('a hand-over at once journals nothing more, not even an answer in flight', async () => {
    const it = scene({ A: [] })
    it.github.hooks.dispatch = ({ repo }) => it.clock.sleep(2_000).then(() => it.github.accept(repo))
    await it.clock.advance(1_000)
    const before = it.types()
    it.run.handOver('at-once')
    await it.clock.until(it.run.finished)
    await it.clock.advance(minute)
    expect(it.types()).toEqual(before)
    expect(before).toContain('dispatch-requested')
  })

  test('an append that is refused because another process took the journal over hands it over at once and cancels nothing', async () => {
    const { clock, github, journal, types, run } = scene({ A: [], B: ['A'] })
    await clock.advance(minute)
    const before = { writes: [...github.writes], types: types() }
    journal.isTakenOver = true
    expect(await clock.until(run.finished)).toSatisfy(isOpen)
    await clock.advance(30 * minute)
    expect(github.writes).toEqual(before.writes)
    expect(types()).toEqual(before.types)
  })

  test('an orchestration that has ended is not handed over', async () => {
    const { clock, run } = scene({ A: [] })
    const { ending } = await clock.until(run.finished)
    run.handOver('gracefully')
    expect(ending?.outcome).toBe('succeeded')
    expect((await run.finished).ending).toEqual(ending)
  })
})
