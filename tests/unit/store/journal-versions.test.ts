import { appendFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fold } from '../../../src/engine/build/state/apply.js'
import type { Event } from '../../../src/model/build/events.js'
import { upcast } from '../../../src/model/build/upcast.js'
import type { JournalRecord } from '../../../src/model/build/upcast.js'
import { journalVersion } from '../../../src/store/journal-format.js'
import { reopenJournal } from '../../../src/store/open-journal.js'
import { journalDirectory, journalPath } from '../../../src/store/paths.js'
import { readJournal } from '../../../src/store/read-journal.js'
import { tailJournal } from '../../../src/store/tail-journal.js'
import { fixtureId, inVersionOne, versionOneFixtures } from '../../support/version-one-journals.js'

const me = { pid: 100, isAlive: () => true }
const header = (version: number): string => `${JSON.stringify({ journal: version, orchestration: fixtureId })}\n`
const resumed: Event = { type: 'resumed', at: 1_795_251_700_000 }

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'orch-journal-versions-'))
  path = journalPath(directory, fixtureId)
  await mkdir(journalDirectory(directory))
})

afterEach(async () => {
  await rm(directory, { recursive: true, force: true })
})

async function eventsOf(text: string): Promise<readonly Event[]> {
  await writeFile(path, text)
  const reading = await readJournal(directory, fixtureId)
  if (reading.kind !== 'read') throw new Error(`the journal is ${reading.kind}`)
  return reading.events
}

test('a stored journal of version 1 is read with the values of the current version', async () => {
  const { superseded, onlyOneJob } = await versionOneFixtures()
  const events = await eventsOf(superseded)
  const outcomes = events.flatMap((event) => (event.type === 'job-settled' ? [`${event.job} ${event.outcome}`] : []))
  expect(outcomes).toEqual(['repoA skipped', 'repoC skipped', 'repoB succeeded', 'repoD left-running', 'repoE not-run'])
  const [started] = await eventsOf(onlyOneJob)
  const actions = started?.type === 'started' ? started.plan.jobs.map(({ job, action }) => `${job} ${action}`) : []
  expect(actions).toEqual(['repoA skip', 'repoB run', 'repoC skip', 'repoD exclude', 'repoE exclude'])
})

test('a stored journal of version 1 folds to the same orchestration as the same journal of the current version', async () => {
  for (const text of Object.values(await versionOneFixtures())) {
    const current = text
      .replace('"journal":1', `"journal":${journalVersion}`)
      .replaceAll('"outcome":"left"', '"outcome":"left-running"')
      .replaceAll('"action":"leave"', '"action":"exclude"')
    expect(current).not.toContain('"left"')
    expect(fold(await eventsOf(text))).toEqual(fold(await eventsOf(current)))
  }
})

test('a stored journal of version 1 folds to a superseded orchestration with a skipped, a re-run and a left-running job', async () => {
  const orchestration = fold(await eventsOf((await versionOneFixtures()).superseded))
  expect(orchestration.ending?.outcome).toBe('superseded')
  expect(orchestration.jobs.get('repoA')).toMatchObject({ phase: 'settled', outcome: 'skipped' })
  expect(orchestration.jobs.get('repoB')).toMatchObject({ phase: 'settled', outcome: 'succeeded', reruns: 1 })
  expect(orchestration.jobs.get('repoD')).toMatchObject({ phase: 'settled', outcome: 'left-running' })
})

test('inVersionOne writes exactly what version 1 wrote', async () => {
  for (const text of Object.values(await versionOneFixtures())) {
    const lines = text.split('\n').slice(0, -1)
    const current = lines.map((line, index) =>
      index === 0
        ? line.replace('1', String(journalVersion))
        : JSON.stringify(upcast(1, JSON.parse(line) as JournalRecord)),
    )
    expect(inVersionOne(`${current.join('\n')}\n`)).toBe(text)
  }
})

test('a record of version 1 that is not whole stays as it is when it is upcast', () => {
  for (const record of [{ type: 'started' }, { type: 'started', plan: { jobs: 7 } }, { type: 'job-settled' }, {}])
    expect(upcast(1, record)).toBe(record)
  const jobs = [null, 'leave', { action: 'run' }]
  expect(upcast(1, { type: 'started', plan: { jobs } })).toEqual({ type: 'started', plan: { jobs } })
})

test('a record of the current version is not changed by upcast', () => {
  const record = { type: 'job-settled', outcome: 'left' }
  expect(upcast(journalVersion, record)).toBe(record)
})

test('a process that resumes a journal of version 1 appends one header of its own version, then its events', async () => {
  const { onlyOneJob } = await versionOneFixtures()
  await writeFile(path, onlyOneJob)
  for (const at of [resumed.at, resumed.at + 1]) {
    const reopened = await reopenJournal({ stateDirectory: directory, id: fixtureId, processes: me })
    if (reopened.kind !== 'opened') throw new Error(reopened.kind)
    await reopened.journal.append({ ...resumed, at })
    await reopened.journal.close()
  }
  const appended = [resumed, { ...resumed, at: resumed.at + 1 }].map((event) => `${JSON.stringify(event)}\n`)
  expect(await readFile(path, 'utf8')).toBe(`${onlyOneJob}${header(journalVersion)}${appended.join('')}`)
  const reading = await readJournal(directory, fixtureId)
  expect(reading).toMatchObject({ kind: 'read', version: journalVersion })
  expect(reading.kind === 'read' && reading.events.slice(-2).map(({ type }) => type)).toEqual(['resumed', 'resumed'])
})

test('a journal of version 1 that was resumed and cut at any byte is read up to its last whole line', async () => {
  const start = `${header(1)}${JSON.stringify({ type: 'job-settled', job: 'a', outcome: 'left', reason: '', at: 1 })}\n`
  const whole = Buffer.from(`${start}${header(journalVersion)}${JSON.stringify(resumed)}\n`)
  const settled = { type: 'job-settled', job: 'a', outcome: 'left-running', reason: '', at: 1 }
  for (let bytes = start.length; bytes <= whole.length; bytes += 1) {
    await writeFile(path, whole.subarray(0, bytes))
    const reading = await readJournal(directory, fixtureId)
    const events = bytes === whole.length ? [settled, resumed] : [settled]
    const version = bytes < start.length + header(journalVersion).length ? 1 : journalVersion
    expect(reading, `cut after ${bytes} bytes`).toMatchObject({ kind: 'read', events, version })
  }
})

test('the tail of a journal follows it from version 1 to the current version', async () => {
  const settled = (outcome: string) => ({ type: 'job-settled', job: 'a', outcome, reason: '', at: 1 })
  await writeFile(path, `${header(1)}${JSON.stringify(settled('left'))}\n`)
  const tail = tailJournal(directory, fixtureId)
  expect(await tail.read()).toEqual({ kind: 'events', events: [settled('left-running')] })
  await appendFile(path, `${JSON.stringify(settled('left'))}\n${header(journalVersion)}${JSON.stringify(resumed)}\n`)
  expect(await tail.read()).toEqual({ kind: 'events', events: [settled('left-running'), resumed] })
  await appendFile(path, `${JSON.stringify({ ...resumed, at: 9 })}\n`)
  expect(await tail.read()).toEqual({ kind: 'events', events: [{ ...resumed, at: 9 }] })
})

test('a journal that a newer version resumed is refused as newer, by the reader and by the tail', async () => {
  await writeFile(
    path,
    `${header(journalVersion)}${JSON.stringify(resumed)}\n${header(journalVersion + 1)}{"what":"ever"}\n`,
  )
  const fault = { kind: 'newer', version: journalVersion + 1 }
  expect(await readJournal(directory, fixtureId)).toEqual(fault)
  expect(await tailJournal(directory, fixtureId).read()).toEqual(fault)
})

test('a journal with a header that is not newer than the one before it is damaged', async () => {
  await writeFile(path, `${header(journalVersion)}${header(1)}`)
  expect(await readJournal(directory, fixtureId)).toMatchObject({ kind: 'damaged', line: 2 })
  await writeFile(path, `${header(journalVersion)}${JSON.stringify(resumed)}\n${header(journalVersion)}`)
  expect(await readJournal(directory, fixtureId)).toMatchObject({ kind: 'damaged', line: 3 })
})
