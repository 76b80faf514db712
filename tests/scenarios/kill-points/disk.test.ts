import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Ports } from '../../../src/engine/build/drive.js'
import { createJournal, reopenJournal } from '../../../src/store/open-journal.js'
import { journalPath } from '../../../src/store/paths.js'
import type { CreatedJournal, TakenOverJournal } from '../../../src/ports/store.js'
import type { Processes } from '../../../src/lib/lock-file.js'
import { readJournal } from '../../../src/store/read-journal.js'
import type { Event } from '../../../src/model/build/events.js'
import type { Ending } from '../../../src/model/build/orchestration.js'
import type { Journal } from '../../../src/ports/journal.js'
import { ExampleWorld } from '../../support/kill-points/example-world.js'
import type { WorldOptions } from '../../support/kill-points/example-world.js'
import { brokenLaws, githubSide, runsOf } from '../../support/kill-points/github-side.js'
import { JournalDisk, journalLine } from '../../support/kill-points/journal-disk.js'
import {
  beginAnew,
  connect,
  goOn,
  liveOnce,
  orchestrationId,
  planExample,
  portsOf,
} from '../../support/kill-points/killed-run.js'
import type { Example } from '../../support/kill-points/killed-run.js'
import { hasMachineWork } from '../../support/machine-work.js'
import { MortalProcess, labelOf } from '../../support/kill-points/mortal-process.js'
import type { KillPoint } from '../../support/kill-points/mortal-process.js'
import { sampleName, sampleOf, testTimeoutMs } from '../../support/kill-points/sample.js'

const change: WorldOptions = { marked: true, members: ['repoA', 'repoB', 'repoC', 'repoE'] }
const isBusy = hasMachineWork

let disk: JournalDisk
let directory: string
let example: Example

beforeAll(async () => {
  example = await planExample(change)
})

beforeEach(async () => {
  disk = await JournalDisk.open()
  directory = await mkdtemp(join(tmpdir(), 'orch-kill-points-'))
})

afterEach(async () => {
  await disk[Symbol.asyncDispose]()
  await rm(directory, { recursive: true, force: true })
})

const first: Processes = { pid: 100, isAlive: () => true }
/** A process that starts while the first one is alive. */
const second: Processes = { pid: 200, isAlive: (pid) => pid === 100 }
/** A process that starts when all others have ended. */
const survivor: Processes = { pid: 300, isAlive: (pid) => pid === 300 }

function opened(result: CreatedJournal | TakenOverJournal): Journal {
  if (result.kind !== 'opened') throw new Error(`it is ${result.kind}`)
  return result.journal
}

function content(): Promise<Buffer> {
  return readFile(journalPath(directory, orchestrationId))
}

/** The ports of a process with the real journal; `append` may replace its method. */
function realPorts(world: ExampleWorld, process: MortalProcess, append: Journal['append']): Ports {
  const journal = { append, close: () => Promise.resolve() }
  return portsOf(connect(world, process.clock, process.fetch), process.clock, journal)
}

describe('real journal', () => {
  test(
    'the real journal equals byte for byte the journal that the kill points assume',
    async () => {
      {
        await using world = await ExampleWorld.open(change)
        await liveOnce(world, disk, example.plan, {})
      }
      await using world = await ExampleWorld.open(change, isBusy)
      const process = new MortalProcess(world.clock, (request) => world.sandbox.fetch(request), disk)
      const journal = opened(
        await createJournal({ stateDirectory: directory, id: orchestrationId, branch: 'DPTA-1', processes: first }),
      )
      await world.clock.until(
        beginAnew(
          realPorts(world, process, (event) => journal.append(event)),
          example.plan,
        ),
      )
      expect((await content()).toString()).toBe(disk.bytes().toString())
      await journal.close()
    },
    testTimeoutMs,
  )

  test(
    'the real journal is refused to a second process at every request and every write of a run, and stays unchanged',
    async () => {
      await using world = await ExampleWorld.open(change, isBusy)
      const refusals: TakenOverJournal[] = []
      const intrude = async (): Promise<void> => {
        refusals.push(await reopenJournal({ stateDirectory: directory, id: orchestrationId, processes: second }))
      }
      const process = new MortalProcess(
        world.clock,
        async (request) => {
          await intrude()
          return world.sandbox.fetch(request)
        },
        disk,
      )
      const journal = opened(
        await createJournal({ stateDirectory: directory, id: orchestrationId, branch: 'DPTA-1', processes: first }),
      )
      const written: Event[] = []
      const append = async (event: Event): Promise<void> => {
        await intrude()
        await journal.append(event)
        written.push(event)
        await intrude()
      }
      const ending = await world.clock.until(beginAnew(realPorts(world, process, append), example.plan))
      expect(ending.outcome).toBe('succeeded')
      expect(refusals.length).toBe(process.requests.length + 2 * written.length)
      expect(refusals.filter((each) => each.kind !== 'held' || each.driver.pid !== first.pid)).toEqual([])
      expect(await readJournal(directory, orchestrationId)).toMatchObject({ kind: 'read', events: written })
      await journal.close()
      await opened(await reopenJournal({ stateDirectory: directory, id: orchestrationId, processes: second })).close()
    },
    testTimeoutMs,
  )

  // One event of each kind is enough: the byte-for-byte comparison above extends the result to all of them.
  test.each([
    'started',
    'status-requested claim repoA',
    'dispatch-accepted repoB',
    'run-observed repoC',
    'job-settled repoA',
    'status-requested success repoB',
    'finished',
  ])(
    'the real journal is resumed by another process after the first one was killed during or after the write of %s',
    async (label) => {
      for (const isWhole of [false, true]) {
        await using world = await ExampleWorld.open(change, isBusy)
        const abandoned = await killAtRealWrite(world, label, isWhole)
        const ending = await world.clock.until(resumeFromDisk(world))
        expect(ending.outcome).toBe('succeeded')
        const side = await githubSide(world)
        expect(brokenLaws(world)).toEqual([])
        expect([side.runs.length, side.statuses.filter((status) => status.endsWith(' success')).length]).toEqual([4, 4])
        // Only the file is closed: another process already holds the lock.
        await abandoned.close()
        await rm(journalPath(directory, orchestrationId))
      }
    },
    testTimeoutMs,
  )

  /** Runs the change until this line is written completely or half. The lock file remains, as after a kill. */
  async function killAtRealWrite(world: ExampleWorld, label: string, isWhole: boolean): Promise<Journal> {
    const journal = opened(
      await createJournal({ stateDirectory: directory, id: orchestrationId, branch: 'DPTA-1', processes: first }),
    )
    const isKilledAt = (point: KillPoint): boolean => point.moment === 'after the write of' && point.label === label
    const process = new MortalProcess(world.clock, (request) => world.sandbox.fetch(request), disk, { isKilledAt })
    const append = async (event: Event): Promise<void> => {
      const isLast = labelOf(event) === label
      if (!isLast || isWhole) await journal.append(event)
      else await appendFile(journalPath(directory, orchestrationId), journalLine(event).subarray(0, 40))
      await process.journal.append(event)
    }
    await world.clock.until(Promise.race([beginAnew(realPorts(world, process, append), example.plan), process.died]))
    return journal
  }

  async function resumeFromDisk(world: ExampleWorld): Promise<Ending> {
    const reading = await readJournal(directory, orchestrationId)
    if (reading.kind !== 'read') throw new Error(`the journal is ${reading.kind}`)
    const { events } = reading
    const last = events.at(-1)
    if (last?.type === 'finished') return last
    const journal = opened(await reopenJournal({ stateDirectory: directory, id: orchestrationId, processes: survivor }))
    const process = new MortalProcess(world.clock, (request) => world.sandbox.fetch(request), disk)
    const ports = realPorts(world, process, (event) => journal.append(event))
    const ending = await (events.length > 0 ? goOn(ports, events) : beginAnew(ports, example.plan))
    await journal.close()
    return ending
  }
})

describe('disk that is full from any write on', () => {
  test(
    `a disk that is full from any write on has the running builds cancelled and everything locked, and the journal can be resumed (${sampleName})`,
    async () => {
      const { lines } = await undisturbed()
      const wrong: string[] = []
      for (const [index, label] of sampleOf([...lines.entries()])) {
        // Without a first line or a first event no orchestration exists; the next test covers that.
        if (index < 2) continue
        const found = await fillDiskAt(index + 1)
        wrong.push(...found.map((each) => `full at write ${index + 1}, ${label}: ${each}`))
      }
      expect(wrong).toEqual([])
    },
    testTimeoutMs,
  )

  test('a disk that is full from the first or second write on leaves nothing behind on GitHub', async () => {
    for (const from of [1, 2]) {
      await using world = await ExampleWorld.open(change)
      disk.clear()
      await expect(liveOnce(world, disk, example.plan, { isDiskFull: ({ nth }) => nth >= from })).rejects.toThrow(
        'ENOSPC',
      )
      const isWrite = ({ method, path }: { method: string; path: string }): boolean =>
        method !== 'GET' && !path.endsWith('/graphql')
      expect(world.sandbox.requests.filter(isWrite)).toEqual([])
    }
  })

  async function undisturbed(): Promise<{ lines: readonly string[] }> {
    await using world = await ExampleWorld.open(change)
    disk.clear()
    const { process } = await liveOnce(world, disk, example.plan, {})
    return { lines: process.writes }
  }

  /** The problems of a run whose disk is full from this write on, and of a later process that resumes it. */
  async function fillDiskAt(from: number): Promise<string[]> {
    await using world = await ExampleWorld.open(change)
    disk.clear()
    let fullAt = Infinity
    let refused = ''
    const life = await liveOnce(world, disk, example.plan, {
      isDiskFull: ({ nth, label }) => {
        if (nth < from) return false
        if (fullAt === Infinity) [fullAt, refused] = [world.clock.now(), label]
        return true
      },
    })
    const { statuses } = await githubSide(world)
    const wrong = [...brokenLaws(world)]
    // When only the final event is refused, every action is already done, and a resuming process comes to the same end.
    const isDone = refused === 'finished'
    if (life.ending?.outcome !== (isDone ? 'succeeded' : 'unknown'))
      wrong.push(`it ended ${life.ending?.outcome ?? ''}`)
    if (life.process.writes.length !== from) wrong.push('after the refusal something more was to be written')
    const allowed = isDone ? ['success'] : ['none', 'error']
    wrong.push(
      ...statuses
        .filter((status) => !allowed.includes(status.split(' ')[2] ?? ''))
        .map((status) => `a status is ${status}`),
    )
    for (const { name, endedAt, conclusion } of runsOf(world)) {
      // A run that ended before the cancel arrived keeps its result.
      if (endedAt > fullAt + 1_000 && conclusion !== 'cancelled')
        wrong.push(`${name} was left to run until ${conclusion}`)
    }
    const later = await liveOnce(world, disk, example.plan, {})
    await githubSide(world)
    if (!later.ending) wrong.push('the resumed orchestration did not end')
    return [...wrong, ...brokenLaws(world).map((each) => `resumed later: ${each}`)]
  }
})
