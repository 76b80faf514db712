import { describe, expect, test } from 'vitest'
import { createEventLog } from '../../../../src/engine/kernel/event-log.js'
import type { EventTiming } from '../../../../src/engine/kernel/event-log.js'
import type { Timed } from '../../../../src/ports/journal.js'
import { PromiseClock } from '../../../support/promise-clock.js'

/** A process that only counts; it is over at 10, and refuses to count backwards. */
type Counted = { type: 'counted'; by: number } | { type: 'journal-lost'; reason: string }

interface Count {
  sum: number
  lostBecause: string | null
}

const definition = {
  apply: (state: Count, event: Timed<Counted>): Count =>
    event.type === 'counted' ? { ...state, sum: state.sum + event.by } : { ...state, lostBecause: event.reason },
  isOver: ({ sum }: Count) => sum >= 10,
  comesTooLate: (_state: Count, event: Counted) => event.type === 'counted' && event.by < 0,
  journalLost: (reason: string): Counted => ({ type: 'journal-lost', reason }),
}

/** A log whose journal takes 100 ms for each event. `notes` holds what happened, in order, with the ms since the start. */
function setUp({ handsOver = false } = {}) {
  const clock = new PromiseClock()
  const start = clock.now()
  const notes: string[] = []
  const note = (what: string): void => void notes.push(`${clock.now() - start} ${what}`)
  const disk: { failure: Error | null } = { failure: null }
  const journal = {
    append: async (event: Timed<Counted>): Promise<void> => {
      await clock.sleep(100)
      if (disk.failure) throw disk.failure
      note(`journaled ${event.type === 'counted' ? event.by : event.reason} of ${event.at - start}`)
    },
    close: () => Promise.resolve(),
  }
  const reporter = {
    report: (event: Timed<Counted>, { sum }: Count): void => note(`reported ${event.type}, the sum is ${sum}`),
    close: () => Promise.resolve(),
  }
  const onJournalLost = handsOver ? (): void => note('handed over') : undefined
  const opening = { state: { sum: 0, lostBecause: null }, at: start - 5_000 }
  const log = createEventLog<Count, Counted>(definition, { clock, journal, reporter, onJournalLost }, opening)
  const count = (by: number): Promise<void> => log.emit({ type: 'counted', by })
  const intend = (by: number, isDue = true): Promise<boolean> => log.emitIntent(() => isDue, { type: 'counted', by })
  return { clock, start, notes, note, disk, log, count, intend }
}

describe('event log', () => {
  test('each event is journaled, then applied and reported, before the next one is journaled', async () => {
    const { clock, notes, note, log, count, intend } = setUp()
    log.onChange(() => note('changed'))
    expect(await clock.until(Promise.all([count(1), intend(2)]))).toEqual([undefined, true])
    expect(notes).toEqual([
      '100 journaled 1 of 0',
      '100 reported counted, the sum is 1',
      '100 changed',
      '200 journaled 2 of 100',
      '200 reported counted, the sum is 3',
      '200 changed',
    ])
    expect(log.state().sum).toBe(3)
  })

  test('an event that is no longer true at its turn is dropped', async () => {
    const { clock, notes, log, count } = setUp()
    const overtaken = log.emit({ type: 'counted', by: 2 }, () => log.state().sum === 0)
    await clock.until(Promise.all([overtaken, log.emit({ type: 'counted', by: 3 }, () => log.state().sum === 0)]))
    await clock.until(count(1))
    expect(log.state().sum).toBe(3)
    expect(notes.filter((line) => line.includes('journaled'))).toEqual([
      '100 journaled 2 of 0',
      '200 journaled 1 of 100',
    ])
  })

  test('an event that is not news is applied, and neither journaled nor reported', async () => {
    const { clock, start, notes, note, log, count } = setUp()
    log.onChange(() => note('changed'))
    const timings: EventTiming[] = []
    const emitOld = (): Promise<void> =>
      log.emit({ type: 'counted', by: 1 }, undefined, (timing) => {
        timings.push(timing)
        return false
      })
    await clock.until(emitOld())
    await clock.until(count(2))
    await clock.advance(300)
    await clock.until(emitOld())
    expect(log.state().sum).toBe(4)
    expect(notes.map((line) => line.replace(/^\d+ /u, ''))).toEqual([
      'changed',
      'journaled 2 of 0',
      'reported counted, the sum is 3',
      'changed',
      'changed',
    ])
    const openedAt = start - 5_000
    expect(timings).toEqual([
      { at: start, journaledAt: openedAt, openedAt },
      { at: start + 400, journaledAt: start, openedAt },
    ])
  })

  test('an intent whose action is no longer due is not journaled and not allowed', async () => {
    const { clock, notes, log, intend } = setUp()
    expect(await clock.until(intend(1, false))).toBe(false)
    expect(notes).toEqual([])
    expect(log.state().sum).toBe(0)
  })

  test('no event is accepted after the end, or when it comes too late', async () => {
    const { clock, notes, log, count, intend } = setUp()
    await clock.until(Promise.all([count(-1), intend(-1), count(10), count(1)]))
    expect(await clock.until(intend(1))).toBe(false)
    expect(log.state().sum).toBe(10)
    expect(notes).toHaveLength(2)
  })

  test('an intent is refused after the log refuses intents, while facts are still accepted', async () => {
    const { clock, log, count, intend } = setUp()
    log.refuseIntents()
    expect(await clock.until(intend(1))).toBe(false)
    await clock.until(count(2))
    expect(log.state().sum).toBe(2)
  })

  test('a closed log accepts nothing, not even an event that is being journaled', async () => {
    const { clock, notes, log, count, intend } = setUp()
    const beingJournaled = count(1)
    await clock.advance(50)
    log.close()
    await clock.until(beingJournaled)
    await clock.until(count(1))
    expect(await clock.until(intend(1))).toBe(false)
    expect(log.state().sum).toBe(0)
    expect(notes).toEqual(['100 journaled 1 of 0'])
  })

  test('a fact is applied although its journal is lost, and the loss is applied before it', async () => {
    const { clock, notes, disk, log, count } = setUp()
    disk.failure = new Error('the disk is full')
    await clock.until(count(1))
    expect(log.state()).toEqual({ sum: 1, lostBecause: 'the disk is full' })
    expect(notes).toEqual(['100 reported journal-lost, the sum is 0', '100 reported counted, the sum is 1'])
  })

  test('after a lost journal nothing is written any more, and what closes the process is still allowed', async () => {
    const { clock, notes, disk, log, count, intend } = setUp()
    disk.failure = new Error('the disk is full')
    expect(await clock.until(intend(1))).toBe(false)
    disk.failure = null
    expect(await clock.until(intend(2))).toBe(true)
    await clock.until(count(3))
    expect(log.state()).toEqual({ sum: 5, lostBecause: 'the disk is full' })
    expect(notes.filter((line) => line.includes('journaled'))).toEqual([])
  })

  test('a log that hands over closes when its journal is lost, and applies neither the loss nor the event', async () => {
    const { clock, notes, disk, log, count, intend } = setUp({ handsOver: true })
    disk.failure = new Error('another process drives it')
    await clock.until(count(1))
    expect(await clock.until(intend(1))).toBe(false)
    expect(log.state()).toEqual({ sum: 0, lostBecause: null })
    expect(notes).toEqual(['100 handed over'])
    const other = setUp({ handsOver: true })
    other.disk.failure = new Error('another process drives it')
    expect(await other.clock.until(other.intend(1))).toBe(false)
  })
})
