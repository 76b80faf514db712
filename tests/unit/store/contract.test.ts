import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Event } from '../../../src/model/build/events.js'
import { createId } from '../../../src/model/build/orchestration-id.js'
import type { Clock } from '../../../src/ports/clock.js'
import type { Journal } from '../../../src/ports/journal.js'
import type { CreatedJournal, Store, TailedJournal, TakenOverJournal } from '../../../src/ports/store.js'
import { journalVersion } from '../../../src/store/journal-format.js'
import { createFileStore } from '../../../src/store/file-store.js'
import { createMemoryStore, JournalMemory } from '../../../src/store/memory-store.js'
import { journalDirectory, journalPath } from '../../../src/store/paths.js'
import { retention } from '../../../src/store/retention.js'

const id = '01jd6x0000abcdef'
const other = '01jd6x0001abcdef'
const now = Date.UTC(2026, 10, 21)
const dayMs = 24 * 3_600_000
const header = JSON.stringify({ journal: journalVersion, orchestration: id })
const event = (at: number): Event => ({ type: 'resumed', at })
const line = (at: number): string => JSON.stringify(event(at))

/** Time stands still; a sleep lasts until its turn of the event loop. */
const clock: Clock = { now: () => now, sleep: () => new Promise((resolve) => setImmediate(resolve)) }

/** A place for journals, and the processes that share it. */
interface World {
  /** The store as the process with this pid has it. */
  storeOf(pid: number): Store
  kill(pid: number): Promise<void>
  /** Pids that were asked to cancel, in order. */
  asked: number[]
  /** Puts a journal with these lines there, as an editor or another version would. */
  place(journalId: string, lines: readonly string[]): Promise<void>
  linesOf(journalId: string): Promise<string[]>
  remove(journalId: string): Promise<void>
  close(): Promise<void>
}

async function openFiles(): Promise<World> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'orch-store-'))
  const dead = new Set<number>()
  const asked: number[] = []
  return {
    storeOf: (pid) => {
      const interrupt = (target: number): 'sent' => {
        asked.push(target)
        return 'sent'
      }
      const processes = { pid, isAlive: (each: number) => !dead.has(each), startOf: () => 'now', interrupt }
      return createFileStore({ stateDirectory, processes, clock })
    },
    kill: (pid) => Promise.resolve(void dead.add(pid)),
    asked,
    place: async (journalId, lines) => {
      await mkdir(journalDirectory(stateDirectory), { recursive: true })
      await writeFile(journalPath(stateDirectory, journalId), lines.map((each) => `${each}\n`).join(''))
    },
    linesOf: async (journalId) =>
      (await readFile(journalPath(stateDirectory, journalId), 'utf8')).split('\n').slice(0, -1),
    remove: (journalId) => rm(journalPath(stateDirectory, journalId)),
    close: () => rm(stateDirectory, { recursive: true, force: true }),
  }
}

function openMemory(): Promise<World> {
  const memory = new JournalMemory()
  const asked: number[] = []
  const nameOf = (pid: number): string => `process ${pid}`
  return Promise.resolve({
    storeOf: (pid) =>
      createMemoryStore({
        clock,
        memory,
        driver: { name: nameOf(pid), pid },
        onCancelRequest: () => void asked.push(pid),
      }),
    kill: (pid) => Promise.resolve(memory.release(nameOf(pid))),
    asked,
    place: (journalId, lines) => {
      memory.entries.set(journalId, { lines: [...lines], driver: null, requester: null })
      return Promise.resolve()
    },
    linesOf: (journalId) => Promise.resolve([...(memory.entries.get(journalId)?.lines ?? [])]),
    remove: (journalId) => Promise.resolve(void memory.entries.delete(journalId)),
    close: () => Promise.resolve(),
  })
}

/** Journals that a test has opened: whether or not their process was killed in it, they hold a file. */
const open: Journal[] = []

function opened(result: CreatedJournal | TakenOverJournal): Journal {
  if (result.kind !== 'opened') throw new Error(`the journal is ${result.kind}`)
  open.push(result.journal)
  return result.journal
}

describe.each([
  ['on files', openFiles],
  ['in memory', openMemory],
])('the store %s', (_name, openWorld) => {
  let world: World
  let mine: Store
  let theirs: Store

  beforeEach(async () => {
    world = await openWorld()
    mine = world.storeOf(100)
    theirs = world.storeOf(200)
  })

  afterEach(async () => {
    for (const journal of open.splice(0)) await journal.close()
    await world.close()
  })

  async function kept(journalId: string, events: readonly Event[]): Promise<void> {
    const journal = opened(await mine.create(journalId))
    for (const each of events) await journal.append(each)
    await journal.close()
  }

  const driver = { name: 'process 100', pid: 100 }

  describe('list', () => {
    test('is empty before the first journal is created', async () => {
      expect(await mine.list()).toEqual([])
    })

    test('names the journals of all processes, oldest first', async () => {
      await kept(other, [])
      await kept(id, [])
      expect(await theirs.list()).toEqual([id, other])
    })
  })

  describe('read', () => {
    test('returns every event in its order, and null for the driver once the journal is closed', async () => {
      const events: Event[] = [event(1), { type: 'interrupted', signal: 'é🚦\n', cause: 'signal', at: 2 }]
      await kept(id, events)
      expect(await theirs.read(id)).toEqual({ driver: null, reading: { kind: 'events', events } })
    })

    test('names the driver while its journal is open, and no longer than it lives', async () => {
      const journal = opened(await mine.create(id))
      expect(await theirs.read(id)).toEqual({ driver, reading: { kind: 'empty' } })
      await journal.append(event(1))
      expect(await theirs.read(id)).toEqual({ driver, reading: { kind: 'events', events: [event(1)] } })
      await world.kill(100)
      expect((await theirs.read(id)).driver).toBeNull()
    })

    test('says that a journal does not exist', async () => {
      expect(await mine.read(id)).toEqual({ driver: null, reading: { kind: 'absent' } })
      await kept(other, [])
      expect(await mine.read(id)).toEqual({ driver: null, reading: { kind: 'absent' } })
    })

    test.each([
      ['written by a newer orch', [`{"journal":3,"orchestration":"${id}"}`], { kind: 'newer', version: 3 }],
      ['of another orchestration', ['{"journal":2,"orchestration":"x"}'], { kind: 'damaged', line: 1 }],
      ['with a line that is not an event', [header, line(1), 'noise'], { kind: 'damaged', line: 3 }],
      ['without a first line', [], { kind: 'damaged', line: 1 }],
    ])('says what is wrong with a journal %s, and takeOver leaves it as it is', async (_case, lines, fault) => {
      await world.place(id, lines)
      expect((await mine.read(id)).reading).toMatchObject(fault)
      expect(await mine.takeOver(id)).toMatchObject(fault)
      expect(await world.linesOf(id)).toEqual(lines)
      expect((await mine.read(id)).driver).toBeNull()
    })
  })

  describe('create', () => {
    test('rejects for an id that has a journal, which keeps its events', async () => {
      await kept(id, [event(1)])
      await expect(theirs.create(id)).rejects.toThrow(/exist|already/u)
      expect(await mine.read(id)).toMatchObject({ driver: null, reading: { events: [event(1)] } })
    })

    test('is held by the process whose journal of this id is open', async () => {
      const journal = opened(await mine.create(id))
      expect(await theirs.create(id)).toEqual({ kind: 'held', driver })
      await journal.close()
    })
  })

  describe('takeOver', () => {
    test('is held by the living driver, also for the driver itself, and the journal goes on', async () => {
      const journal = opened(await mine.create(id))
      await journal.append(event(1))
      expect(await theirs.takeOver(id)).toEqual({ kind: 'held', driver })
      expect(await mine.takeOver(id)).toEqual({ kind: 'held', driver })
      await journal.append(event(2))
      expect((await theirs.read(id)).reading).toEqual({ kind: 'events', events: [event(1), event(2)] })
    })

    test('opens the journal of a driver that died, with its events, and appends behind them', async () => {
      await opened(await mine.create(id)).append(event(1))
      await world.kill(100)
      const taken = await theirs.takeOver(id)
      expect(taken).toMatchObject({ kind: 'opened', events: [event(1)] })
      expect((await theirs.read(id)).driver).toEqual({ name: 'process 200', pid: 200 })
      await opened(taken).append(event(2))
      expect((await theirs.read(id)).reading).toEqual({ kind: 'events', events: [event(1), event(2)] })
      await opened(taken).close()
      expect((await theirs.read(id)).driver).toBeNull()
    })

    test('opens a journal without an event', async () => {
      await kept(id, [])
      const taken = await theirs.takeOver(id)
      expect(taken).toMatchObject({ kind: 'opened', events: [] })
      opened(taken)
    })

    test('says that a journal does not exist', async () => {
      expect(await mine.takeOver(id)).toEqual({ kind: 'absent' })
    })

    test('of several processes that ask at once opens the journal for one', async () => {
      await kept(id, [event(1)])
      const results = await Promise.all([300, 400, 500].map((pid) => world.storeOf(pid).takeOver(id)))
      expect(results.map(({ kind }) => kind).sort()).toEqual(['held', 'held', 'opened'])
      for (const result of results) if (result.kind === 'opened') opened(result)
    })
  })

  test('a closed journal accepts no event', async () => {
    const journal = opened(await mine.create(id))
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

    test('yields each event once, with the driver', async () => {
      const journal = opened(await mine.create(id))
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

    test('yields once more and ends when its signal aborts', async () => {
      await kept(id, [event(1)])
      const controller = new AbortController()
      const tail = follow(controller.signal)
      await next(tail)
      controller.abort()
      expect(await next(tail)).toEqual({ driver: null, reading: none })
      expect(await tail.next()).toEqual({ done: true, value: undefined })
    })

    test('says that the journal does not exist, and reads it once it does', async () => {
      await kept(other, [])
      const tail = follow()
      expect((await next(tail)).reading).toEqual({ kind: 'absent' })
      await kept(id, [event(1)])
      expect((await next(tail)).reading).toEqual({ kind: 'events', events: [event(1)] })
      await world.remove(id)
      expect((await next(tail)).reading).toEqual({ kind: 'absent' })
    })

    test('says that the journal became shorter than what was read of it', async () => {
      await world.place(id, [header, line(1), line(2)])
      const tail = follow()
      await next(tail)
      await world.place(id, [header])
      expect((await next(tail)).reading).toEqual({ kind: 'truncated' })
    })

    test('names the line of a damage by its number in the journal', async () => {
      await world.place(id, [header, line(1)])
      const tail = follow()
      await next(tail)
      await world.place(id, [header, line(1), line(2), '{}'])
      expect((await next(tail)).reading).toMatchObject({ kind: 'damaged', line: 4 })
    })
  })

  describe('cancelRequest', () => {
    test('asks the driver once, however often it is sent', async () => {
      const journal = opened(await mine.create(id))
      const request = theirs.cancelRequest(id)
      expect(world.asked).toEqual([])
      expect(await request.send()).toEqual({ kind: 'sent', driver })
      expect(await request.send()).toEqual({ kind: 'sent-before', driver })
      expect(world.asked).toEqual([100])
      await request.close()
      await journal.close()
    })

    test('does not ask a driver that another open request has asked', async () => {
      opened(await mine.create(id))
      const first = theirs.cancelRequest(id)
      await first.send()
      const second = world.storeOf(300).cancelRequest(id)
      expect(await second.send()).toEqual({ kind: 'sent-before', driver })
      await second.close()
      await first.close()
      expect(world.asked).toEqual([100])
      const third = world.storeOf(300).cancelRequest(id)
      expect(await third.send()).toEqual({ kind: 'sent', driver })
      await third.close()
    })

    test('asks the process that has taken the orchestration over since', async () => {
      opened(await mine.create(id))
      const request = theirs.cancelRequest(id)
      await request.send()
      await world.kill(100)
      opened(await world.storeOf(300).takeOver(id))
      expect(await request.send()).toMatchObject({ kind: 'sent', driver: { pid: 300 } })
      expect(world.asked).toEqual([100, 300])
      await request.close()
    })

    test('says that no process drives the orchestration', async () => {
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

    test('removes what has been finished for too long, and keeps what is young or unfinished', async () => {
      const old = await placed(31)
      const young = await placed(29)
      const unfinished = await placed(400, false)
      expect(await mine.prune({ now, endedAt })).toEqual({ removed: [old], failures: [] })
      const left = await mine.list()
      expect(left).toHaveLength(retention.atLeast + 2)
      expect(left).toEqual(expect.arrayContaining([young, unfinished]))
    })

    test('keeps what a living process drives', async () => {
      const old = await placed(31)
      opened(await theirs.takeOver(old))
      expect(await mine.prune({ now, endedAt })).toEqual({ removed: [], failures: [] })
      await world.kill(200)
      expect(await mine.prune({ now, endedAt })).toEqual({ removed: [old], failures: [] })
    })
  })
})
