import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe } from 'vitest'
import { createFileStore } from '../../../src/store/file-store.js'
import { createMemoryStore, JournalMemory } from '../../../src/store/memory-store.js'
import { journalDirectory, journalPath } from '../../../src/store/paths.js'
import { driverWith } from '../../../src/store/processes.js'
import { describeStore, stillClock } from '../../support/store-contract.js'
import type { StoreWorld } from '../../support/store-contract.js'

async function openFiles(): Promise<StoreWorld> {
  const stateDirectory = await mkdtemp(join(tmpdir(), 'orch-store-'))
  const dead = new Set<number>()
  const asked: number[] = []
  return {
    driverOf: driverWith,
    storeOf: (pid) => {
      const interrupt = (target: number): 'sent' => {
        asked.push(target)
        return 'sent'
      }
      const processes = { pid, isAlive: (each: number) => !dead.has(each), startOf: () => 'now', interrupt }
      return createFileStore({ stateDirectory, processes, clock: stillClock })
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

function openMemory(): Promise<StoreWorld> {
  const memory = new JournalMemory()
  const asked: number[] = []
  const nameOf = (pid: number): string => `process ${pid}`
  return Promise.resolve({
    driverOf: (pid) => ({ name: nameOf(pid), pid }),
    storeOf: (pid) =>
      createMemoryStore({
        clock: stillClock,
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

describe('the store on files', () => describeStore(openFiles))
describe('the store in memory', () => describeStore(openMemory))
