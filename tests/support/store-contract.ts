import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../../src/model/build/events.js'
import { createId } from '../../src/model/build/orchestration-id.js'
import type { Driver } from '../../src/model/build/history.js'
import type { Clock } from '../../src/ports/clock.js'
import type { Journal } from '../../src/ports/journal.js'
import type { CreatedJournal, Store, TailedJournal, TakenOverJournal } from '../../src/ports/store.js'
import { journalVersion } from '../../src/store/journal-format.js'
import { retention } from '../../src/store/retention.js'

const id = '01jd6x0000abcdef'
const other = '01jd6x0001abcdef'
const now = Date.UTC(2026, 10, 21)
const dayMs = 24 * 3_600_000
const branch = 'DPTA-1'
const header = JSON.stringify({ journal: journalVersion, orchestration: id })
const event = (at: number): Event => ({ type: 'resumed', at })
const line = (at: number): string => JSON.stringify(event(at))
/** A first event. The title of a real one may contain U+0000, which `jsonb` refuses. */
const startedOn = (name: string): string =>
  JSON.stringify({ type: 'started', at: 1, note: 'a\u0000b', plan: { branch: name } })

/** A clock that does not move; a sleep ends in a later turn of the event loop. */
export const stillClock: Clock = { now: () => now, sleep: () => new Promise((resolve) => setImmediate(resolve)) }

/** A storage for journals, and the processes that share it. */
export interface StoreWorld {
  /** The process with this pid, as its store names it. */
  driverOf(pid: number): Driver
  /** The store of the process with this pid. */
  storeOf(pid: number): Store
  kill(pid: number): Promise<void>
  /** The pids that received a request to cancel, in order. */
  asked: number[]
  /** Writes a journal with these lines, as an editor or another version does. */
  place(journalId: string, lines: readonly string[]): Promise<void>
  linesOf(journalId: string): Promise<string[]>
  remove(journalId: string): Promise<void>
  close(): Promise<void>
}

/** Journals that a test has opened: whether or not their process was killed in it, they hold a file. */
const open: Journal[] = []

function opened(result: CreatedJournal | TakenOverJournal): Journal {
  if (result.kind !== 'opened') throw new Error(`the journal is ${result.kind}`)
  open.push(result.journal)
  return result.journal
}

/** What every store does. `openWorld` is called before each test. */
export function describeStore(openWorld: () => Promise<StoreWorld>): void {
  let world: StoreWorld
  let driver: Driver
  let mine: Store
  let theirs: Store

  beforeEach(async () => {
    world = await openWorld()
    driver = world.driverOf(100)
    mine = world.storeOf(100)
    theirs = world.storeOf(200)
  })

  afterEach(async () => {
    for (const journal of open.splice(0)) await journal.close()
    await world.close()
  })

  async function kept(journalId: string, events: readonly Event[]): Promise<void> {
    const journal = opened(await mine.create(journalId, branch))
    for (const each of events) await journal.append(each)
    await journal.close()
  }

  describe('list', () => {
    test('list is empty before the first journal is created', async () => {
      expect(await mine.list()).toEqual([])
    })

    test('list returns the journals of all processes, oldest first', async () => {
      await kept(other, [])
      await kept(id, [])
      expect(await theirs.list()).toEqual([id, other])
    })

    test('list returns the journals of one branch, oldest first, also those without an event', async () => {
      const ids = [id, other, '01jd6x0002abcdef', '01jd6x0003abcdef'] as const
      for (const journalId of ids.toReversed()) {
        const journal = opened(await mine.create(journalId, journalId === other ? 'DPTA-12' : branch))
        if (journalId === id) await journal.append(event(1))
        await journal.close()
      }
      expect(await theirs.list(branch)).toEqual([ids[0], ids[2], ids[3]])
      expect(await theirs.list('DPTA-12')).toEqual([other])
      expect(await theirs.list('DPTA')).toEqual([])
      expect(await theirs.list('%')).toEqual([])
    })

    test('list finds the branch of a journal whose first line does not name it in its first event', async () => {
      await world.place(id, [header, startedOn(branch), line(2)])
      await world.place(other, [header.replace(id, other), startedOn('DPTA-2')])
      await world.place('01jd6x0002abcdef', [header.replace(id, '01jd6x0002abcdef')])
      await world.place('01jd6x0003abcdef', [])
      await world.place('01jd6x0004abcdef', [header.replace(id, '01jd6x0004abcdef'), 'noise'])
      for (let times = 0; times < 2; times += 1) {
        expect(await mine.list(branch)).toEqual([id])
        expect(await mine.list('DPTA-2')).toEqual([other])
      }
      expect(await mine.list()).toHaveLength(5)
    })
  })

  describe('read', () => {
    test('read returns every event in order, and no driver once the journal is closed', async () => {
      const events: Event[] = [event(1), { type: 'interrupted', signal: 'é🚦\n', cause: 'signal', at: 2 }]
      await kept(id, events)
      expect(await theirs.read(id)).toEqual({ driver: null, reading: { kind: 'events', events } })
    })

    test('read returns the driver while its journal is open and its process is alive', async () => {
      const journal = opened(await mine.create(id, branch))
      expect(await theirs.read(id)).toEqual({ driver, reading: { kind: 'empty' } })
      await journal.append(event(1))
      expect(await theirs.read(id)).toEqual({ driver, reading: { kind: 'events', events: [event(1)] } })
      await world.kill(100)
      expect((await theirs.read(id)).driver).toBeNull()
    })

    test('read reports a missing journal as absent', async () => {
      expect(await mine.read(id)).toEqual({ driver: null, reading: { kind: 'absent' } })
      await kept(other, [])
      expect(await mine.read(id)).toEqual({ driver: null, reading: { kind: 'absent' } })
    })

    test.each([
      ['written by a newer orch', [`{"journal":3,"orchestration":"${id}"}`], { kind: 'newer', version: 3 }],
      ['of another orchestration', ['{"journal":2,"orchestration":"x"}'], { kind: 'damaged', line: 1 }],
      ['with a line that is not an event', [header, line(1), 'noise'], { kind: 'damaged', line: 3 }],
      ['without a first line', [], { kind: 'damaged', line: 1 }],
    ])('read and takeOver report the fault of a journal %s, and do not change it', async (_case, lines, fault) => {
      await world.place(id, lines)
      expect((await mine.read(id)).reading).toMatchObject(fault)
      expect(await mine.takeOver(id)).toMatchObject(fault)
      expect(await world.linesOf(id)).toEqual(lines)
      expect((await mine.read(id)).driver).toBeNull()
    })
  })

  describe('create', () => {
    test('create rejects for an id that has a journal, which keeps its events', async () => {
      await kept(id, [event(1)])
      await expect(theirs.create(id, branch)).rejects.toThrow(/exist|already/u)
      expect(await mine.read(id)).toMatchObject({ driver: null, reading: { events: [event(1)] } })
    })

    test('create returns held while another process has the journal of this id open', async () => {
      const journal = opened(await mine.create(id, branch))
      expect(await theirs.create(id, branch)).toEqual({ kind: 'held', driver })
      await journal.close()
    })
  })

  describe('takeOver', () => {
    test('takeOver returns held while the driver is alive, also to the driver itself, which can still append', async () => {
      const journal = opened(await mine.create(id, branch))
      await journal.append(event(1))
      expect(await theirs.takeOver(id)).toEqual({ kind: 'held', driver })
      expect(await mine.takeOver(id)).toEqual({ kind: 'held', driver })
      await journal.append(event(2))
      expect((await theirs.read(id)).reading).toEqual({ kind: 'events', events: [event(1), event(2)] })
    })

    test('takeOver opens the journal of a dead driver with its events, and appends after them', async () => {
      await opened(await mine.create(id, branch)).append(event(1))
      await world.kill(100)
      const taken = await theirs.takeOver(id)
      expect(taken).toMatchObject({ kind: 'opened', events: [event(1)] })
      expect((await theirs.read(id)).driver).toEqual(world.driverOf(200))
      await opened(taken).append(event(2))
      expect((await theirs.read(id)).reading).toEqual({ kind: 'events', events: [event(1), event(2)] })
      await opened(taken).close()
      expect((await theirs.read(id)).driver).toBeNull()
    })

    test('takeOver opens a journal without events', async () => {
      await kept(id, [])
      const taken = await theirs.takeOver(id)
      expect(taken).toMatchObject({ kind: 'opened', events: [] })
      opened(taken)
    })

    test('takeOver reports a missing journal as absent', async () => {
      expect(await mine.takeOver(id)).toEqual({ kind: 'absent' })
    })

    test('takeOver opens the journal for one of several simultaneous processes', async () => {
      await kept(id, [event(1)])
      const results = await Promise.all([300, 400, 500].map((pid) => world.storeOf(pid).takeOver(id)))
      expect(results.map(({ kind }) => kind).sort()).toEqual(['held', 'held', 'opened'])
      for (const result of results) if (result.kind === 'opened') opened(result)
    })
  })

  test('a closed journal accepts no event', async () => {
    const journal = opened(await mine.create(id, branch))
    await journal.close()
    await expect(journal.append(event(1))).rejects.toThrow()
    expect((await mine.read(id)).reading).toEqual({ kind: 'empty' })
  })

  describe('tail', () => {
    const none = { kind: 'events', events: [] }

    function follow(signal?: AbortSignal): AsyncIterator<TailedJournal> {
      return theirs.tail(id, { intervalMs: 100, signal })[Symbol.asyncIterator]()
    }

    async function next(tail: AsyncIterator<TailedJournal>): Promise<TailedJournal> {
      const step = await tail.next()
      if (step.done === true) throw new Error('the tail has ended')
      return step.value
    }

    test('tail yields each event once, with the driver', async () => {
      const journal = opened(await mine.create(id, branch))
      const tail = follow()
      expect(await next(tail)).toEqual({ driver, reading: none })
      await journal.append(event(1))
      await journal.append(event(2))
      expect(await next(tail)).toEqual({ driver, reading: { kind: 'events', events: [event(1), event(2)] } })
      expect(await next(tail)).toEqual({ driver, reading: none })
      await journal.append(event(3))
      await journal.close()
      expect(await next(tail)).toEqual({ driver: null, reading: { kind: 'events', events: [event(3)] } })
    })

    test('tail yields one last reading and ends when its signal aborts', async () => {
      await kept(id, [event(1)])
      const controller = new AbortController()
      const tail = follow(controller.signal)
      await next(tail)
      controller.abort()
      expect(await next(tail)).toEqual({ driver: null, reading: none })
      expect(await tail.next()).toEqual({ done: true, value: undefined })
    })

    test('tail reports a missing journal as absent, and reads it once it exists', async () => {
      await kept(other, [])
      const tail = follow()
      expect((await next(tail)).reading).toEqual({ kind: 'absent' })
      await kept(id, [event(1)])
      expect((await next(tail)).reading).toEqual({ kind: 'events', events: [event(1)] })
      await world.remove(id)
      expect((await next(tail)).reading).toEqual({ kind: 'absent' })
    })

    test('tail reports a journal that became shorter as truncated', async () => {
      await world.place(id, [header, line(1), line(2)])
      const tail = follow()
      await next(tail)
      await world.place(id, [header])
      expect((await next(tail)).reading).toEqual({ kind: 'truncated' })
    })

    test('tail reports a damaged line by its number in the journal', async () => {
      await world.place(id, [header, line(1)])
      const tail = follow()
      await next(tail)
      await world.place(id, [header, line(1), line(2), '{}'])
      expect((await next(tail)).reading).toMatchObject({ kind: 'damaged', line: 4 })
    })
  })

  describe('cancelRequest', () => {
    test('cancelRequest signals the driver once, even if it is sent twice', async () => {
      const journal = opened(await mine.create(id, branch))
      const request = theirs.cancelRequest(id)
      expect(world.asked).toEqual([])
      expect(await request.send()).toEqual({ kind: 'sent', driver })
      expect(await request.send()).toEqual({ kind: 'sent-before', driver })
      await expect.poll(() => world.asked).toEqual([100])
      await request.close()
      await journal.close()
    })

    test('cancelRequest does not signal a driver that another open request has signalled', async () => {
      opened(await mine.create(id, branch))
      const first = theirs.cancelRequest(id)
      await first.send()
      const second = world.storeOf(300).cancelRequest(id)
      expect(await second.send()).toEqual({ kind: 'sent-before', driver })
      await second.close()
      await first.close()
      await expect.poll(() => world.asked).toEqual([100])
      const third = world.storeOf(300).cancelRequest(id)
      expect(await third.send()).toEqual({ kind: 'sent', driver })
      await third.close()
    })

    test('cancelRequest signals the process that took over the orchestration', async () => {
      opened(await mine.create(id, branch))
      const request = theirs.cancelRequest(id)
      await request.send()
      await expect.poll(() => world.asked).toEqual([100])
      await world.kill(100)
      opened(await world.storeOf(300).takeOver(id))
      expect(await request.send()).toMatchObject({ kind: 'sent', driver: { pid: 300 } })
      await expect.poll(() => world.asked).toEqual([100, 300])
      await request.close()
    })

    test('cancelRequest returns not-driven when no process drives the orchestration', async () => {
      await kept(id, [event(1)])
      const request = theirs.cancelRequest(id)
      expect(await request.send()).toEqual({ kind: 'not-driven' })
      await request.close()
    })
  })

  describe('prune', () => {
    const endedAt = (_id: string, events: readonly Event[]): number | null => {
      const last = events.at(-1)
      return last?.type === 'finished' ? last.at : null
    }
    const finished = (at: number): string =>
      JSON.stringify({ type: 'finished', outcome: 'succeeded', reason: '', auth: false, at })

    async function placed(agoDays: number, isFinished = true): Promise<string> {
      const at = now - agoDays * dayMs
      const journalId = createId(at, () => 0)
      const first = JSON.stringify({ journal: journalVersion, orchestration: journalId })
      await world.place(journalId, [first, line(at), ...(isFinished ? [finished(at)] : [])])
      return journalId
    }

    beforeEach(async () => {
      for (let nth = 1; nth <= retention.atLeast; nth += 1) await placed(nth / 100)
    })

    test('prune removes old finished journals, and keeps young and unfinished ones', async () => {
      const old = await placed(31)
      const young = await placed(29)
      const unfinished = await placed(400, false)
      expect(await mine.prune({ now, endedAt })).toEqual({ removed: [old], failures: [] })
      const left = await mine.list()
      expect(left).toHaveLength(retention.atLeast + 2)
      expect(left).toEqual(expect.arrayContaining([young, unfinished]))
    })

    test('prune keeps a journal that a living process drives', async () => {
      const old = await placed(31)
      opened(await theirs.takeOver(old))
      expect(await mine.prune({ now, endedAt })).toEqual({ removed: [], failures: [] })
      await world.kill(200)
      expect(await mine.prune({ now, endedAt })).toEqual({ removed: [old], failures: [] })
    })
  })
}
