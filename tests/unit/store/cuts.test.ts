import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { journalVersion } from '../../../src/store/journal-format.js'
import { createJournal, reopenJournal } from '../../../src/store/open-journal.js'
import { journalDirectory, journalPath } from '../../../src/store/paths.js'
import type { CreatedJournal, TakenOverJournal } from '../../../src/ports/store.js'
import type { Processes } from '../../../src/lib/lock-file.js'
import { readJournal } from '../../../src/store/read-journal.js'
import type { Event } from '../../../src/model/build/events.js'
import type { Journal } from '../../../src/ports/journal.js'

const id = '01jd6x0000abcdef'
const written: readonly Event[] = [
  { type: 'resumed', at: 1 },
  // The text has multi-byte characters, a line feed and other line terminators: a cut may be anywhere in it.
  { type: 'job-settled', job: 'repoA', outcome: 'failed', reason: 'Straße 🚦\n\u2028\r"}\\', at: 2 },
  { type: 'interrupted', signal: 'SIGINT', cause: 'signal', at: 3 },
]
const later: Event = { type: 'resumed', at: 4 }

const writer: Processes = { pid: 100, isAlive: () => true }

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-journal-cuts-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

function opened(result: CreatedJournal | TakenOverJournal): Journal {
  if (result.kind !== 'opened') throw new Error(`it is ${result.kind}`)
  return result.journal
}

async function wholeJournal(): Promise<Buffer> {
  const journal = opened(await createJournal({ stateDirectory: directory, id, branch: 'DPTA-1', processes: writer }))
  for (const event of written) await journal.append(event)
  await journal.close()
  return readFile(journalPath(directory, id))
}

/** Where each line ends, in bytes. */
function endsOf(bytes: Buffer): number[] {
  return [...bytes.entries()].flatMap(([index, byte]) => (byte === 0x0a ? [index + 1] : []))
}

async function place(bytes: Uint8Array): Promise<void> {
  await mkdir(journalDirectory(directory), { recursive: true })
  await writeFile(journalPath(directory, id), bytes)
}

test('a journal that is cut at any byte has exactly the events whose lines are whole', async () => {
  const whole = await wholeJournal()
  const ends = endsOf(whole)
  expect(ends).toHaveLength(written.length + 1)
  for (let bytes = 0; bytes <= whole.length; bytes += 1) {
    await place(whole.subarray(0, bytes))
    const lines = ends.filter((end) => end <= bytes)
    const expected =
      lines.length === 0
        ? { kind: 'damaged', line: 1, problem: 'it has no first line' }
        : {
            kind: 'read',
            events: written.slice(0, lines.length - 1),
            version: journalVersion,
            wholeBytes: lines.at(-1),
          }
    expect(await readJournal(directory, id), `cut after ${bytes} bytes`).toEqual(expected)
  }
})

test('a journal that is cut around the end of any line is continued as if the torn line had never been written', async () => {
  const whole = await wholeJournal()
  let count = 0
  for (const end of endsOf(whole)) {
    for (const bytes of [end - 1, end, end + 1, end + 20].filter((cut) => cut <= whole.length)) {
      await place(whole.subarray(0, bytes))
      const before = await readJournal(directory, id)
      if (before.kind !== 'read') continue
      const journal = opened(await reopenJournal({ stateDirectory: directory, id, processes: writer }))
      await journal.append(later)
      await journal.close()
      count += 1
      const after = await readJournal(directory, id)
      expect(after, `cut after ${bytes} bytes`).toMatchObject({ kind: 'read', events: [...before.events, later] })
    }
  }
  // All cuts except those in the first line and those after the end.
  expect(count).toBe(4 * 4 - 1 - 2)
})

test('a journal whose last line was torn twice, by one process after the other, keeps every whole line', async () => {
  const whole = await wholeJournal()
  await place(whole.subarray(0, whole.length - 5))
  for (const event of [later, { ...later, at: 5 }]) {
    const before = await readJournal(directory, id)
    if (before.kind !== 'read') throw new Error(`the journal is ${before.kind}`)
    const journal = opened(await reopenJournal({ stateDirectory: directory, id, processes: writer }))
    await journal.append(event)
    await journal.close()
    await writeFile(journalPath(directory, id), '{"type":"run-obs', { flag: 'a' })
  }
  const events = [...written.slice(0, -1), later, { ...later, at: 5 }]
  expect(await readJournal(directory, id)).toMatchObject({ kind: 'read', events })
})
