import { appendFile, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { journalVersion } from '../../../src/store/journal-format.js'
import { createJournal, reopenJournal } from '../../../src/store/open-journal.js'
import { journalDirectory, journalPath, lockPath } from '../../../src/store/paths.js'
import type { CreatedJournal, TakenOverJournal } from '../../../src/ports/store.js'
import { findLockOwner, readLock, takeLock } from '../../../src/lib/lock-file.js'
import type { Processes } from '../../../src/lib/lock-file.js'
import { listJournals } from '../../../src/store/list-journals.js'
import { readJournal } from '../../../src/store/read-journal.js'
import type { Event } from '../../../src/model/build/events.js'
import type { Journal } from '../../../src/ports/journal.js'

const id = '01jd6x0000abcdef'
const header = JSON.stringify({ journal: journalVersion, orchestration: id, branch: 'DPTA-1' })
const first: Event = { type: 'resumed', at: 1 }
const second: Event = { type: 'interrupted', signal: 'SIGINT', cause: 'signal', at: 2 }

const me: Processes = { pid: 100, isAlive: () => true }
const other: Processes = { pid: 200, isAlive: (pid) => pid === 100 }
const survivor: Processes = { pid: 300, isAlive: (pid) => pid === 300 }

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-journal-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

function opened(result: CreatedJournal | TakenOverJournal): Journal {
  if (result.kind !== 'opened') throw new Error(result.kind)
  return result.journal
}

async function written(events: readonly Event[]): Promise<void> {
  const journal = opened(await createJournal({ stateDirectory: directory, id, branch: 'DPTA-1', processes: me }))
  for (const event of events) await journal.append(event)
  await journal.close()
}

/** Writes a file at the path of the journal. */
async function place(text: string): Promise<void> {
  await mkdir(journalDirectory(directory), { recursive: true })
  await writeFile(journalPath(directory, id), text)
}

describe('a journal', () => {
  test('a journal returns every event in order', async () => {
    await written([first, second])
    const { size } = await stat(journalPath(directory, id))
    expect(await readJournal(directory, id)).toEqual({
      kind: 'read',
      events: [first, second],
      version: journalVersion,
      wholeBytes: size,
    })
  })

  test('a journal and its folder can be read by their owner only', async () => {
    await written([first])
    expect((await stat(journalPath(directory, id))).mode & 0o777).toBe(0o600)
    expect((await stat(journalDirectory(directory))).mode & 0o777).toBe(0o700)
  })

  test('a journal folder is ignored by git, and an existing .gitignore is not changed', async () => {
    await written([first])
    expect(await readFile(join(directory, '.gitignore'), 'utf8')).toBe('*\n!/flows\n!/flows/**\n')
    await writeFile(join(directory, '.gitignore'), 'mine\n')
    const journal = opened(
      await createJournal({ stateDirectory: directory, id: '01jd6x0000abcdeg', branch: 'DPTA-1', processes: me }),
    )
    await journal.close()
    expect(await readFile(join(directory, '.gitignore'), 'utf8')).toBe('mine\n')
  })

  test('a journal is never overwritten by a new one of the same id, which leaves no lock behind', async () => {
    await written([first])
    await expect(createJournal({ stateDirectory: directory, id, branch: 'DPTA-1', processes: me })).rejects.toThrow(
      'EEXIST',
    )
    expect(await readJournal(directory, id)).toMatchObject({ kind: 'read', events: [first] })
    expect(await readLock(lockPath(directory, id))).toBeNull()
  })

  test('a closed journal leaves no other file behind', async () => {
    await written([first])
    expect(await readdir(journalDirectory(directory))).toEqual([`${id}.jsonl`])
  })
})

describe('the reading of a journal', () => {
  test('a torn last line is not an event, and the reading says at which byte the whole lines end', async () => {
    const whole = `${header}\n${JSON.stringify({ ...second, signal: 'SIGTÉRM' })}\n`
    await place(`${whole}{"type":"resu`)
    const wholeBytes = Buffer.byteLength(whole)
    expect(await readJournal(directory, id)).toEqual({
      kind: 'read',
      events: [{ ...second, signal: 'SIGTÉRM' }],
      version: journalVersion,
      wholeBytes,
    })
  })

  test('a last line that lacks only its line feed is torn', async () => {
    await place(`${header}\n${JSON.stringify(first)}`)
    expect(await readJournal(directory, id)).toMatchObject({ kind: 'read', events: [] })
  })

  test('a journal of a newer version is reported as newer, regardless of its other lines', async () => {
    await place(`{"journal":3,"id":"${id}"}\nsomething else\n`)
    expect(await readJournal(directory, id)).toEqual({ kind: 'newer', version: 3 })
  })

  test.each<[string, string, number, string]>([
    ['that is empty', '', 1, 'it has no first line'],
    ['whose first line is torn', header.slice(0, 10), 1, 'it has no first line'],
    ['whose first line is not JSON', 'hello\n', 1, 'it is not the first line of a journal of'],
    [
      'of another orchestration',
      '{"journal":2,"orchestration":"x"}\n',
      1,
      `it is not the first line of a journal of ${id}`,
    ],
    [
      'of a version that never was',
      `{"journal":0,"orchestration":"${id}"}\n`,
      1,
      'it is not the first line of a journal',
    ],
    ['with a line of noise', `${header}\n${JSON.stringify(first)}\n\u0000\u0000\n`, 3, 'it is not an event'],
    ['with an empty line', `${header}\n\n${JSON.stringify(first)}\n`, 2, 'it is not an event'],
    ['with a number for an event', `${header}\n7\n`, 2, 'it is not an event'],
    ['with an event without its time', `${header}\n{"type":"resumed"}\n`, 2, 'it is not an event'],
  ])('a journal %s is damaged, and the reading names the line', async (_case, text, line, problem) => {
    await place(text)
    const reading = await readJournal(directory, id)
    expect(reading).toMatchObject({ kind: 'damaged', line })
    expect(reading.kind === 'damaged' ? reading.problem : '').toContain(problem)
  })

  test('a missing journal is absent, with and without its folder', async () => {
    expect(await readJournal(directory, id)).toEqual({ kind: 'absent' })
    await mkdir(journalDirectory(directory), { recursive: true })
    expect(await readJournal(directory, id)).toEqual({ kind: 'absent' })
  })

  test('a journal that exists and cannot be read is not absent', async () => {
    await mkdir(journalPath(directory, id), { recursive: true })
    await expect(readJournal(directory, id)).rejects.toThrow('it is a folder')
  })

  test('listJournals is oldest first, without locks and other files', async () => {
    expect(listJournals(directory)).toEqual([])
    await place(`${header}\n`)
    for (const name of ['01jd6w.jsonl', '01jd6y.jsonl', `${id}.lock`, 'notes.txt'])
      await writeFile(join(journalDirectory(directory), name), '')
    expect(listJournals(directory)).toEqual(['01jd6w', id, '01jd6y'])
  })
})

describe('reopening a journal', () => {
  test('reopening a journal truncates the torn line before anything is appended', async () => {
    await written([first])
    await appendFile(journalPath(directory, id), '{"type":"interr')
    const journal = opened(await reopenJournal({ stateDirectory: directory, id, processes: me }))
    await journal.append(second)
    await journal.close()
    expect(await readFile(journalPath(directory, id), 'utf8')).toBe(
      `${header}\n${JSON.stringify(first)}\n${JSON.stringify(second)}\n`,
    )
  })

  test('reopening a journal returns the events that it has once no other process can write', async () => {
    await written([first])
    expect(await readJournal(directory, id)).toMatchObject({ events: [first] })
    const earlier = opened(await reopenJournal({ stateDirectory: directory, id, processes: other }))
    await earlier.append(second)
    await earlier.close()
    const reopened = await reopenJournal({ stateDirectory: directory, id, processes: me })
    expect(reopened).toMatchObject({ kind: 'opened', events: [first, second] })
    await opened(reopened).close()
    expect(await readJournal(directory, id)).toMatchObject({ events: [first, second] })
  })

  test('reopening a journal is refused while the process that holds it is alive, and the journal does not change', async () => {
    const journal = opened(await createJournal({ stateDirectory: directory, id, branch: 'DPTA-1', processes: me }))
    await journal.append(first)
    await appendFile(journalPath(directory, id), '{"type":"interr')
    const before = await readFile(journalPath(directory, id), 'utf8')
    expect(await reopenJournal({ stateDirectory: directory, id, processes: other })).toEqual({
      kind: 'held',
      driver: { name: 'process 100', pid: 100 },
    })
    expect(await readFile(journalPath(directory, id), 'utf8')).toBe(before)
    await journal.close()
    const next = opened(await reopenJournal({ stateDirectory: directory, id, processes: other }))
    await next.close()
  })

  test.each([
    ['newer', '{"journal":9}\n{"type":"interr', { kind: 'newer', version: 9 }],
    ['damaged', `${header}\nnoise\n{"type":"interr`, { kind: 'damaged', line: 2 }],
  ])('reopening a %s journal is refused, and leaves it unchanged and without a lock', async (_case, text, expected) => {
    await place(text)
    expect(await reopenJournal({ stateDirectory: directory, id, processes: me })).toMatchObject(expected)
    expect(await readFile(journalPath(directory, id), 'utf8')).toBe(text)
    expect(await readdir(journalDirectory(directory))).toEqual([`${id}.jsonl`])
  })

  test('reopening a missing journal is refused, and leaves nothing behind', async () => {
    await mkdir(journalDirectory(directory), { recursive: true })
    expect(await reopenJournal({ stateDirectory: directory, id, processes: me })).toEqual({ kind: 'absent' })
    expect(await readdir(journalDirectory(directory))).toEqual([])
  })
})

describe('the lock', () => {
  const path = (): string => join(directory, 'x.lock')

  test('a lock contains the pid of its process, and is removed when it is released', async () => {
    const lock = await takeLock(path(), me)
    if (lock.kind !== 'locked') throw new Error('held')
    expect(await readLock(path())).toBe(100)
    expect((await stat(path())).mode & 0o777).toBe(0o600)
    await lock.release()
    expect(await readdir(directory)).toEqual([])
  })

  test('a lock of a living process is not taken, and the attempt leaves nothing behind', async () => {
    await takeLock(path(), me)
    expect(await takeLock(path(), other)).toEqual({ kind: 'held', pid: 100 })
    expect(await readLock(path())).toBe(100)
    expect(await readdir(directory)).toEqual(['x.lock'])
  })

  test('a lock of a dead process is taken over', async () => {
    await takeLock(path(), me)
    expect((await takeLock(path(), survivor)).kind).toBe('locked')
    expect(await readLock(path())).toBe(300)
  })

  test.each(['', 'nonsense\n', '-5\n', '1.5\n'])(
    'a lock with the content %j has no owner, and is taken over',
    async (text) => {
      await writeFile(path(), text)
      expect(await readLock(path())).toBeNull()
      expect((await takeLock(path(), me)).kind).toBe('locked')
      expect(await readLock(path())).toBe(100)
    },
  )

  test('a lock goes to one of several processes that request it at once', async () => {
    const asking = [1, 2, 3, 4, 5].map((pid) => takeLock(path(), { pid, isAlive: () => true }))
    const results = await Promise.all(asking)
    expect(results.filter(({ kind }) => kind === 'locked')).toHaveLength(1)
  })
})

test('one of many processes that find a stale lock at once takes it', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'orch-lock-'))
  const path = join(directory, 'x.lock')
  const dead = 999
  for (let round = 0; round < 100; round += 1) {
    await writeFile(path, `${dead}\n`)
    const isAlive = (pid: number): boolean => pid !== dead
    const results = await Promise.all([1, 2, 3, 4].map((pid) => takeLock(path, { pid, isAlive })))
    const locked = results.flatMap((result) => (result.kind === 'locked' ? [result] : []))
    expect(locked).toHaveLength(1)
    await locked[0]?.release()
  }
  await rm(directory, { recursive: true })
})

test('a lock with our own pid, left by a process of an earlier container, is taken over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'orch-lock-'))
  const path = join(folder, 'x.lock')
  await writeFile(path, '7\n')
  const processes = { pid: 7, isAlive: () => true }
  expect(await findLockOwner(path, processes)).toBeNull()
  const first = await takeLock(path, processes)
  expect(first.kind).toBe('locked')
  expect(await findLockOwner(path, processes)).toEqual({ pid: 7, isCertain: true })
  expect(await takeLock(path, processes)).toEqual({ kind: 'held', pid: 7 })
  if (first.kind === 'locked') await first.release()
  expect(await findLockOwner(path, processes)).toBeNull()
  await rm(folder, { recursive: true })
})
