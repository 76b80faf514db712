import { appendFile, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { journalVersion } from '../../../src/store/journal-format.js'
import { createJournal, reopenJournal } from '../../../src/store/open-journal.js'
import { journalDirectory, journalPath } from '../../../src/store/paths.js'
import { tailJournal } from '../../../src/store/tail-journal.js'
import type { Event } from '../../../src/model/build/events.js'

const id = '01jd6x0000abcdef'
const header = `${JSON.stringify({ journal: journalVersion, orchestration: id })}\n`
const me = { pid: 100, isAlive: () => true }
const event = (at: number): Event => ({ type: 'resumed', at })
const line = (at: number): string => `${JSON.stringify(event(at))}\n`
const none = { kind: 'events', events: [] }

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-tail-'))
  path = journalPath(directory, id)
  await mkdir(journalDirectory(directory))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

describe('the tail of a journal', () => {
  test('the tail of a journal returns each event once, as another process writes it', async () => {
    const opened = await createJournal({ stateDirectory: directory, id, branch: 'DPTA-1', processes: me })
    if (opened.kind !== 'opened') throw new Error(opened.kind)
    const tail = tailJournal(directory, id)
    expect(await tail.read()).toEqual(none)
    await opened.journal.append(event(1))
    await opened.journal.append(event(2))
    expect(await tail.read()).toEqual({ kind: 'events', events: [event(1), event(2)] })
    expect(await tail.read()).toEqual(none)
    await opened.journal.append(event(3))
    expect(await tail.read()).toEqual({ kind: 'events', events: [event(3)] })
    await opened.journal.close()
    expect(await tail.read()).toEqual(none)
  })

  test('the tail of a journal waits for the rest of a line, wherever it was torn', async () => {
    const text = `${header}{"type":"resumed","at":7,"by":"ü"}\n`
    const bytes = Buffer.from(text)
    for (let cut = 0; cut < bytes.length; cut += 1) {
      await writeFile(path, bytes.subarray(0, cut))
      const tail = tailJournal(directory, id)
      expect(await tail.read()).toEqual(none)
      await writeFile(path, bytes)
      expect(await tail.read()).toEqual({ kind: 'events', events: [{ type: 'resumed', at: 7, by: 'ü' }] })
    }
  })

  test('the tail of a journal continues after a torn line that a resuming process truncated', async () => {
    await writeFile(path, `${header}${line(1)}{"type":"run-observed","job":"a long one`)
    const tail = tailJournal(directory, id)
    expect(await tail.read()).toEqual({ kind: 'events', events: [event(1)] })
    const reopened = await reopenJournal({ stateDirectory: directory, id, processes: me })
    if (reopened.kind !== 'opened') throw new Error(reopened.kind)
    await reopened.journal.append(event(2))
    expect(await tail.read()).toEqual({ kind: 'events', events: [event(2)] })
    await reopened.journal.close()
  })

  test('the tail of a journal reads events that are longer than one read', async () => {
    const long = { type: 'interrupted', at: 1, signal: 'x'.repeat(3_000_000), cause: 'signal' }
    await writeFile(path, `${header}${JSON.stringify(long)}\n${line(2)}`)
    expect(await tailJournal(directory, id).read()).toEqual({ kind: 'events', events: [long, event(2)] })
  })

  test('the tail of a missing journal is absent, and is read once the journal exists', async () => {
    const tail = tailJournal(directory, id)
    expect(await tail.read()).toEqual({ kind: 'absent' })
    await writeFile(path, `${header}${line(1)}`)
    expect(await tail.read()).toEqual({ kind: 'events', events: [event(1)] })
    await rm(path)
    expect(await tail.read()).toEqual({ kind: 'absent' })
  })

  test('the tail of a journal that became shorter than what was read of it is cut', async () => {
    await writeFile(path, `${header}${line(1)}${line(2)}`)
    const tail = tailJournal(directory, id)
    await tail.read()
    await truncate(path, header.length)
    expect(await tail.read()).toEqual({ kind: 'truncated' })
  })

  test.each([
    ['of a newer version', '{"journal":9}\n', { kind: 'newer', version: 9 }],
    ['of another orchestration', '{"journal":1,"orchestration":"x"}\n', { kind: 'damaged', line: 1 }],
    ['with a line that is not an event', `${header}${line(1)}noise\n${line(2)}`, { kind: 'damaged', line: 3 }],
  ])('the tail of a journal %s reports the fault, every time it is read', async (_case, text, fault) => {
    await writeFile(path, text)
    const tail = tailJournal(directory, id)
    expect(await tail.read()).toMatchObject(fault)
    expect(await tail.read()).toMatchObject(fault)
  })

  test('the tail of a journal names a damaged line by its number in the file, also when it is written later', async () => {
    await writeFile(path, `${header}${line(1)}`)
    const tail = tailJournal(directory, id)
    await tail.read()
    await appendFile(path, `${line(2)}{}\n`)
    expect(await tail.read()).toMatchObject({ kind: 'damaged', line: 4 })
  })

  test('the tail of a journal that cannot be read is not absent', async () => {
    await mkdir(path)
    await expect(tailJournal(directory, id).read()).rejects.toThrow('EISDIR')
  })
})
