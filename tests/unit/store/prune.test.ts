import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startOfId } from '../../../src/store/id-time.js'
import { takeLock } from '../../../src/lib/lock-file.js'
import type { Processes } from '../../../src/lib/lock-file.js'
import { journalDirectory, journalPath, lockPath } from '../../../src/store/paths.js'
import { pruneJournals } from '../../../src/store/prune-journals.js'
import { retention } from '../../../src/store/retention.js'
import type { Pruned } from '../../../src/ports/store.js'
import type { Event } from '../../../src/model/build/events.js'
import { createId } from '../../../src/model/build/orchestration-id.js'

const now = Date.UTC(2026, 10, 21)
const hour = 3_600_000
const day = 24 * hour
const me: Processes = { pid: 100, isAlive: () => true }
const ended = { type: 'finished', outcome: 'succeeded', reason: '', auth: false }

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-prune-'))
  await mkdir(journalDirectory(directory))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

/** The id of an orchestration that began `ago` ms ago; `nth` distinguishes ids of the same time. */
function idOf(ago: number, nth = 0): string {
  return createId(now - ago, () => (nth % 32) / 32)
}

function header(id: string, version = 1): string {
  return `${JSON.stringify({ journal: version, orchestration: id })}\n`
}

/** Writes a journal that began and ended the given time ago, ms; `endedAgo` null: it has not ended. */
async function place(ago: number, endedAgo: number | null = ago): Promise<string> {
  const id = idOf(ago)
  const events = [{ type: 'resumed', at: now - ago }, ...(endedAgo === null ? [] : [{ ...ended, at: now - endedAgo }])]
  await writeFile(journalPath(directory, id), header(id) + events.map((event) => `${JSON.stringify(event)}\n`).join(''))
  return id
}

/** Writes as many recent finished journals as are kept at any age. */
async function placeNewest(): Promise<void> {
  for (let nth = 0; nth < retention.atLeast; nth += 1) await place(nth * hour + 1)
}

function endedAt(_id: string, events: readonly Event[]): number | null {
  const last = events.at(-1)
  return last?.type === 'finished' ? last.at : null
}

function prune(processes: Processes = me, at = now): Promise<Pruned> {
  return pruneJournals({ stateDirectory: directory, now: at, processes, endedAt })
}

async function names(): Promise<string[]> {
  return readdir(journalDirectory(directory))
}

test('startOfId returns the start of an orchestration from its id, and null for other names', () => {
  for (const time of [0, 1, now, now + 12_345]) expect(startOfId(createId(time, Math.random))).toBe(time)
  for (const name of ['', '1newer', '01jd6x0000abcde', '01jd6x0000abcdefg', '01JD6X0000ABCDEF', '01jd6x0000abcdei'])
    expect(startOfId(name)).toBeNull()
})

describe('pruning finished journals', () => {
  test('finished journals older than thirty days are removed, and younger ones stay', async () => {
    await placeNewest()
    const old = await place(31 * day)
    const older = await place(300 * day)
    const young = await place(29 * day)
    expect(await prune()).toEqual({ removed: [older, old], failures: [] })
    expect(await names()).toContain(`${young}.jsonl`)
    expect(await names()).toHaveLength(retention.atLeast + 1)
  })

  test('the newest fifty journals stay at any age', async () => {
    for (let nth = 0; nth < retention.atLeast; nth += 1) await place((400 + nth) * day)
    const next = await place(999 * day)
    expect((await prune()).removed).toEqual([next])
    expect(await names()).toHaveLength(retention.atLeast)
  })

  test('the age of a journal counts from its last event, not from its start', async () => {
    await placeNewest()
    await place(60 * day, 5 * day)
    expect((await prune()).removed).toEqual([])
    expect((await prune(me, now + 26 * day)).removed).toEqual([idOf(60 * day)])
  })

  test('a journal that is exactly thirty days old stays', async () => {
    await placeNewest()
    const id = await place(30 * day)
    expect((await prune()).removed).toEqual([])
    expect((await prune(me, now + 1)).removed).toEqual([id])
  })

  test('finished journals beyond the newest thousand are removed at any age, oldest first, and unfinished ones stay', async () => {
    for (let nth = 0; nth < retention.atMost; nth += 1) await place(nth * 60_000 + 1)
    const third = await place(20 * day)
    await place(21 * day, null)
    const first = await place(22 * day)
    expect((await prune()).removed).toEqual([first, third])
    expect(await names()).toHaveLength(retention.atMost + 1)
    expect((await prune()).removed).toEqual([])
  })

  test('pruning opens at most fifty journals, and those that stay do not prevent the removal of others', async () => {
    await placeNewest()
    for (let nth = 0; nth < retention.openings + 10; nth += 1) await place((200 + nth) * day, null)
    const finished = new Set<string>()
    for (let nth = 0; nth < 5; nth += 1) finished.add(await place((100 + nth) * day))
    let opened = 0
    const removed = new Set<string>()
    for (let run = 0; run < 200 && removed.size < finished.size; run += 1) {
      opened = 0
      const pruned = await pruneJournals({
        stateDirectory: directory,
        now: now + run * 61_000,
        processes: me,
        endedAt: (id, events) => {
          opened += 1
          return endedAt(id, events)
        },
      })
      expect(opened).toBeLessThanOrEqual(retention.openings)
      for (const id of pruned.removed) removed.add(id)
    }
    expect(removed).toEqual(finished)
  })
})

describe('protected journals', () => {
  test('pruning never removes an unfinished, unreadable, damaged, empty, newer or foreign journal, however old', async () => {
    await placeNewest()
    await place(400 * day, null)
    const texts: [number, (id: string) => string][] = [
      [401, (id) => `${header(id, 3)}${JSON.stringify({ ...ended, at: 1 })}\n`],
      [402, (id) => `${header(id)}noise\n${JSON.stringify({ ...ended, at: 1 })}\n`],
      [403, () => `${header('another')}${JSON.stringify({ ...ended, at: 1 })}\n`],
      [404, (id) => header(id)],
      [405, () => ''],
      [406, (id) => `${header(id)}{"type":"finished","at":1`],
    ]
    for (const [days, text] of texts) await writeFile(journalPath(directory, idOf(days * day)), text(idOf(days * day)))
    await mkdir(journalPath(directory, idOf(407 * day)))
    await writeFile(
      join(journalDirectory(directory), 'notes.jsonl'),
      `${header('notes')}${JSON.stringify({ ...ended, at: 1 })}\n`,
    )
    const before = await names()
    expect(await prune()).toEqual({ removed: [], failures: [] })
    expect(await names()).toEqual(before)
  })

  test('pruning never removes a journal that a living process has locked; one of a dead process is removed with its lock', async () => {
    await placeNewest()
    const id = await place(400 * day)
    await takeLock(lockPath(directory, id), { pid: 200, isAlive: () => true })
    expect((await prune()).removed).toEqual([])
    expect(await names()).toContain(`${id}.lock`)
    expect((await prune({ pid: 100, isAlive: (pid) => pid !== 200 })).removed).toEqual([id])
    expect((await names()).filter((name) => name.startsWith(id))).toEqual([])
  })
})

describe('leftover locks', () => {
  const alive: Processes = { pid: 100, isAlive: (pid) => pid === 300 }

  test('a leftover lock is removed with its journal, or a day after the start without one, unless its process is alive', async () => {
    await placeNewest()
    const pruned = await place(400 * day)
    const orphan = idOf(2 * day)
    const young = idOf(hour, 5)
    const files: [string, string][] = [
      [`${pruned}.lock.200`, '200\n'],
      [`${pruned}.lock.cancel`, '200\n'],
      [`${pruned}.lock.takeover`, ''],
      [`${orphan}.lock`, '200\n'],
      [`${orphan}.lock.300`, '300\n'],
      [`${young}.lock`, '200\n'],
      [`${idOf(1)}.lock`, '200\n'],
      ['notes.lock', '200\n'],
    ]
    for (const [name, text] of files) await writeFile(join(journalDirectory(directory), name), text)
    expect(await prune(alive)).toEqual({ removed: [pruned], failures: [] })
    expect((await names()).filter((name) => name.includes('.lock')).sort()).toEqual(
      [`${orphan}.lock.300`, `${young}.lock`, `${idOf(1)}.lock`, 'notes.lock'].sort(),
    )
  })
})

describe('pruning with faults', () => {
  test('two processes that prune at once remove each journal once, and leave no lock', async () => {
    for (let round = 0; round < 10; round += 1) {
      await placeNewest()
      const old: string[] = []
      for (let nth = 0; nth < 30; nth += 1) old.push(await place((100 + nth) * day))
      const pruned = await Promise.all([1, 2].map((pid) => prune({ pid, isAlive: () => true })))
      expect(pruned.flatMap(({ failures }) => failures)).toEqual([])
      expect(pruned.flatMap(({ removed }) => removed).sort()).toEqual(old.sort())
      expect((await names()).filter((name) => name.includes('.lock'))).toEqual([])
      expect(await names()).toHaveLength(retention.atLeast)
    }
  })

  test('a lock that cannot be taken is reported with its journal, and the other journals are removed', async () => {
    await placeNewest()
    const id = await place(400 * day)
    const other = await place(300 * day)
    await mkdir(`${lockPath(directory, id)}.100`)
    const { removed, failures } = await prune()
    expect(removed).toEqual([other])
    expect(failures).toMatchObject([{ location: journalPath(directory, id), error: { code: 'EISDIR' } }])
    expect(await names()).toContain(`${id}.jsonl`)
  })

  test('a missing journal folder is reported', async () => {
    await rm(journalDirectory(directory), { recursive: true })
    await expect(prune()).rejects.toThrow('ENOENT')
  })
})
