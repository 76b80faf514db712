import { describe, expect, test } from 'vitest'
import type { Process, ProcessContext } from '../../../../src/engine/kernel/process.js'
import { runProcess } from '../../../../src/engine/kernel/run-process.js'
import type { KernelPorts } from '../../../../src/engine/kernel/run-process.js'
import type { Timed } from '../../../../src/ports/journal.js'
import { PromiseClock } from '../../../support/promise-clock.js'

/** A list of errands, each done once: it starts at a time, lasts a while, and may have to be done alone. */
interface Errand {
  name: string
  at: number
  lasts: number
  isAlone?: boolean
}

interface Errands {
  open: readonly Errand[]
  done: readonly string[]
}

type ErrandEvent = { type: 'opened' } | { type: 'done'; name: string } | { type: 'given-up'; reason: string }
type Context = ProcessContext<Errands, ErrandEvent, Errand>

function apply(before: Errands, event: Timed<ErrandEvent>): Errands {
  if (event.type === 'opened') return before
  if (event.type === 'given-up') return { open: [], done: [...before.done, event.reason] }
  return { open: before.open.filter(({ name }) => name !== event.name), done: [...before.done, event.name] }
}

/** Runs errands whose times are ms since the start. `notes` holds the start and the end of each one. */
function setUp(errands: readonly Errand[], changes: Partial<Process<Errands, ErrandEvent, Errand>> = {}) {
  const clock = new PromiseClock()
  const start = clock.now()
  const notes: string[] = []
  const note = (what: string): void => void notes.push(`${clock.now() - start} ${what}`)
  const definition: Process<Errands, ErrandEvent, Errand> = {
    apply,
    isOver: ({ open }) => open.length === 0,
    comesTooLate: () => false,
    journalLost: (reason) => ({ type: 'given-up', reason }),
    wakeAt: () => Infinity,
    actionKey: ({ name }) => name,
    startsAlone: ({ isAlone = false }) => isAlone,
    decide: ({ open }) => open,
    perform: async (context, { name, lasts }) => {
      note(`${name} starts`)
      await clock.sleep(lasts)
      note(`${name} ends`)
      await context.emit({ type: 'done', name })
    },
    ...changes,
  }
  const opening: { isHeld: boolean; release: () => void } = { isHeld: false, release: () => undefined }
  const disk: { failure: Error | null } = { failure: null }
  const ports = {
    clock,
    journal: {
      append: async ({ type }: Timed<ErrandEvent>): Promise<void> => {
        if (disk.failure) throw disk.failure
        if (type === 'opened' && opening.isHeld) await new Promise<void>((resolve) => (opening.release = resolve))
      },
      close: () => Promise.resolve(),
    },
    reporter: {
      report: ({ type }: Timed<ErrandEvent>): void => void (type === 'opened' && note('opened')),
      close: () => Promise.resolve(),
    },
  }
  const begin = { event: { type: 'opened' } as const, begin: () => ({ open: dated(errands, start), done: [] }) }
  const run = (more: Pick<KernelPorts<Errands, ErrandEvent>, 'onJournalFailure'> = {}) =>
    runProcess(definition, { ...ports, ...more }, begin)
  return { clock, start, notes, note, opening, disk, run }
}

function dated(errands: readonly Errand[], start: number): Errand[] {
  return errands.map((errand) => ({ ...errand, at: start + errand.at }))
}

describe('loop', () => {
  test('actions start when they are due, side by side, in the order in which they were decided', async () => {
    const errands = [
      { name: 'later', at: 50, lasts: 10 },
      { name: 'first', at: 0, lasts: 100 },
      { name: 'second', at: 0, lasts: 20 },
    ]
    const { clock, notes, run } = setUp(errands)
    const { done } = await clock.until(run().finished)
    expect(done).toEqual(['second', 'later', 'first'])
    expect(notes).toEqual([
      '0 opened',
      '0 first starts',
      '0 second starts',
      '20 second ends',
      '50 later starts',
      '60 later ends',
      '100 first ends',
    ])
  })

  test('an action that starts alone waits until nothing is in flight, and starts then although nothing else happens', async () => {
    const errands = [
      { name: 'read', at: 0, lasts: 30 },
      { name: 'close', at: 0, lasts: 10, isAlone: true },
      { name: 'write', at: 10, lasts: 40 },
    ]
    const { clock, notes, run } = setUp(errands)
    await clock.until(run().finished)
    expect(notes.slice(-4)).toEqual(['30 read ends', '50 write ends', '50 close starts', '60 close ends'])
  })

  test('an action that is pending again after it has ended is started again', async () => {
    const tries: number[] = []
    const it = setUp([{ name: 'try', at: 0, lasts: 0 }], {
      perform: async ({ clock, emit }) => {
        tries.push(clock.now() - it.start)
        await clock.sleep(10)
        if (tries.length === 3) await emit({ type: 'done', name: 'try' })
      },
    })
    await it.clock.until(it.run().finished)
    expect(tries).toEqual([0, 10, 20])
  })

  test('an action sees the state, the other pending actions, and those of a state that it imagines', async () => {
    const seen: unknown[] = []
    const look = ({ state, pending, wouldBePending }: Context): void => {
      const without = { ...state(), open: state().open.filter(({ name }) => name !== 'other') }
      seen.push(state().done, pending('other')?.lasts, pending('unknown'))
      seen.push(wouldBePending(without, 'other'), wouldBePending(state(), 'other'), pending('other')?.name)
    }
    const errands = [
      { name: 'look', at: 0, lasts: 0 },
      { name: 'other', at: 5, lasts: 7 },
    ]
    const { clock, run } = setUp(errands, {
      perform: async (context, { name }) => {
        if (name === 'look') look(context)
        await context.emit({ type: 'done', name })
      },
    })
    await clock.until(run().finished)
    expect(seen).toEqual([[], 7, undefined, false, true, 'other'])
  })

  test('the loop decides again at the time for which the process asks, although a request is still in flight', async () => {
    const { clock, start, notes, run } = setUp(
      [
        { name: 'slow', at: 0, lasts: 500 },
        { name: 'late', at: 0, lasts: 10 },
      ],
      {
        wakeAt: () => start + 200,
        // Nothing tells the loop beforehand that the second action will be due.
        decide: ({ open }, now) => open.filter(({ name }) => name === 'slow' || now >= start + 200),
      },
    )
    await clock.until(run().finished)
    expect(notes).toContain('200 late starts')
  })

  test('a process that has ended leaves no timer behind', async () => {
    const { clock, start, run } = setUp([{ name: 'short', at: 0, lasts: 10 }], { wakeAt: () => start + 900_000 })
    await clock.until(run().finished)
    await expect(clock.until(new Promise(() => undefined))).rejects.toThrow('nothing is left to wait for')
    expect(clock.now() - start).toBe(10)
  })

  test('a bug in an action ends the process with that error, and nothing is accepted afterwards', async () => {
    const doneAtLast: (readonly string[])[] = []
    const { clock, run } = setUp(
      [
        { name: 'broken', at: 0, lasts: 10 },
        { name: 'other', at: 0, lasts: 50 },
      ],
      {
        perform: async ({ clock: time, emit, state }, { name, lasts }) => {
          await time.sleep(lasts)
          if (name === 'broken') throw new Error('a bug')
          await emit({ type: 'done', name })
          doneAtLast.push(state().done)
        },
      },
    )
    await expect(clock.until(run().finished)).rejects.toMatchObject({ message: 'a bug' })
    await clock.advance(100)
    expect(doneAtLast).toEqual([[]])
  })

  test('the first of two bugs is the one that is reported', async () => {
    const { clock, run } = setUp([{ name: 'work', at: 0, lasts: 1_000 }])
    const process = run()
    process.doFromOutside(() => Promise.reject(new Error('the first bug')))
    process.doFromOutside(() => Promise.reject(new Error('the second bug')))
    await expect(clock.until(process.finished)).rejects.toMatchObject({ message: 'the first bug' })
  })

  test('work from outside before the first event is journaled waits for it and keeps its order', async () => {
    const { clock, notes, note, opening, run } = setUp([{ name: 'work', at: 0, lasts: 10 }])
    opening.isHeld = true
    const process = run()
    process.doFromOutside(() => Promise.resolve(note('one')))
    process.doFromOutside(() => Promise.resolve(note('other')))
    await clock.advance(5)
    expect(notes).toEqual([])
    opening.release()
    await clock.until(process.finished)
    expect(notes).toEqual(['5 opened', '5 one', '5 other', '5 work starts', '15 work ends'])
  })

  test('a process whose first event cannot be journaled does nothing', async () => {
    const { clock, notes, disk, run } = setUp([{ name: 'work', at: 0, lasts: 10 }])
    disk.failure = new Error('the disk is full')
    await expect(clock.until(run().finished)).rejects.toThrow('the disk is full')
    expect(notes).toEqual([])
  })

  test('an action that starts alone also waits for work from outside', async () => {
    const { clock, notes, note, run } = setUp([{ name: 'close', at: 0, lasts: 10, isAlone: true }])
    const process = run()
    process.doFromOutside(({ clock: time }) => time.sleep(40).then(() => note('outside ends')))
    process.doFromOutside(({ clock: time }) => time.sleep(20).then(() => note('other ends')))
    await clock.until(process.finished)
    expect(notes).toEqual(['0 opened', '20 other ends', '40 outside ends', '40 close starts', '50 close ends'])
  })
})

describe('hand-over', () => {
  const slow = { name: 'slow', at: 0, lasts: 10_000 }

  test('a process that is handed over gracefully starts nothing and ends as soon as its requests have ended', async () => {
    const errands = [
      { name: 'in flight', at: 0, lasts: 2_000 },
      { name: 'next', at: 1_500, lasts: 1 },
    ]
    const { clock, start, notes, run } = setUp(errands)
    const process = run()
    await clock.advance(1_000)
    process.handOver('gracefully')
    const { open, done } = await clock.until(process.finished)
    expect({ open: open.map(({ name }) => name), done }).toEqual({ open: ['next'], done: ['in flight'] })
    expect(clock.now() - start).toBe(2_000)
    expect(notes).not.toContain('1500 next starts')
  })

  test('a second graceful hand-over does not prolong the first, and one at once ends it', async () => {
    const { clock, start, run } = setUp([slow])
    const process = run()
    await clock.advance(1_000)
    process.handOver('gracefully')
    await clock.advance(2_000)
    process.handOver('gracefully')
    await clock.until(process.finished)
    expect(clock.now() - start).toBe(4_000)

    const other = setUp([slow])
    const hurried = other.run()
    hurried.handOver('gracefully')
    await other.clock.advance(1_000)
    hurried.handOver('at-once')
    hurried.handOver('gracefully')
    await other.clock.until(hurried.finished)
    expect(other.clock.now() - other.start).toBe(1_000)
  })

  test('a process that is handed over before its first event is journaled starts nothing', async () => {
    const { clock, notes, opening, run } = setUp([slow])
    opening.isHeld = true
    const process = run()
    process.handOver('gracefully')
    await clock.advance(5)
    opening.release()
    await clock.until(process.finished)
    expect(notes).toEqual(['5 opened'])
  })

  test('a journal that cannot be written any more hands the process over where the ports ask for it', async () => {
    const errands = [{ name: 'short', at: 0, lasts: 100 }, slow]
    const { clock, start, disk, run } = setUp(errands)
    const process = run({ onJournalFailure: 'hand-over' })
    await clock.advance(50)
    disk.failure = new Error('another process drives it')
    expect(await clock.until(process.finished)).toMatchObject({ done: [] })
    expect(clock.now() - start).toBe(100)

    const other = setUp(errands)
    const alone = other.run({ onJournalFailure: 'journal-lost' })
    await other.clock.advance(50)
    other.disk.failure = new Error('the disk is full')
    expect(await other.clock.until(alone.finished)).toMatchObject({ done: ['the disk is full'] })
  })
})
