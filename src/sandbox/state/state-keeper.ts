import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join, resolve } from 'node:path'

import { createDiskGit } from '../git/disk-git.js'
import type { GitStore } from '../git/git-store.js'
import { createMemoryGit } from '../git/memory-git.js'
import type { ArtifactContents } from './artifact-contents.js'
import { createDiskContents, createMemoryContents } from './artifact-contents.js'
import { lockDirectory } from './lock.js'
import type { DeliveryStore } from './delivery-store.js'
import { createDiskDeliveries, createMemoryDeliveries } from './delivery-store.js'
import type { LogStore } from './log-store.js'
import { createDiskLogs, createMemoryLogs } from './log-store.js'
import { loadState, saveState } from './persistence.js'
import type { State } from './state.js'
import { emptyState } from './state.js'

/** The time that a change may wait for further changes before it is written, in ms of the system clock. */
const WRITE_DELAY_MS = 50

/** The data that outlives a request (state, git repositories, logs, artifacts and webhook deliveries), on disk or in memory. */
export interface StateKeeper {
  state: State
  git: GitStore
  logs: LogStore
  artifactContents: ArtifactContents
  deliveries: DeliveryStore
  /** The token with every permission. */
  token: string
  /** Problems with the files, for the person who started the sandbox. */
  warnings: string[]
  /** Schedules a write of the state. */
  changed(): void
  /** Writes `server.json`, or removes it. */
  announce(server: { url: string; startedAt: number } | null): void
  /** Writes unsaved changes and unlocks the directory. */
  close(): Promise<void>
}

/** Creates a keeper that holds the data in memory for the lifetime of this process. */
export function keepInMemory(): StateKeeper {
  return {
    state: emptyState(),
    git: createMemoryGit(),
    logs: createMemoryLogs(),
    artifactContents: createMemoryContents(),
    deliveries: createMemoryDeliveries(),
    token: newToken(),
    warnings: [],
    changed: () => undefined,
    announce: () => undefined,
    close: () => Promise.resolve(),
  }
}

/** Creates a keeper that stores the data in a folder and locks it. Throws `StateDirectoryInUse` if another process has the lock. */
export async function keepOnDisk(directory: string): Promise<StateKeeper> {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const unlock = await lockDirectory(directory)
  // A killed process can leave the announcement of a server that has ended.
  writeAnnouncement(directory, null)
  try {
    const { state, warnings, lost } = loadState(directory)
    if (lost) warnings.push(...setAside(directory, ['git', 'logs', 'artifacts', 'deliveries']))
    const git = await createDiskGit(resolve(directory, 'git'))
    const logs = createDiskLogs(join(directory, 'logs'))
    const artifactContents = createDiskContents(join(directory, 'artifacts'))
    const deliveries = createDiskDeliveries(join(directory, 'deliveries'))
    const writer = createWriter(directory, { state, logs, deliveries, warnings })
    return {
      state,
      git,
      logs,
      artifactContents,
      deliveries,
      token: loadToken(directory),
      warnings,
      changed: writer.changed,
      announce: (server) => writeAnnouncement(directory, server),
      async close() {
        try {
          writer.close()
        } finally {
          await unlock()
        }
      },
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

interface StoredData {
  state: State
  logs: LogStore
  deliveries: DeliveryStore
  warnings: string[]
}

function createWriter(directory: string, kept: StoredData): { changed: () => void; close: () => void } {
  let timer: NodeJS.Timeout | null = null
  let isClosed = false
  const write = (): void => {
    if (timer !== null) clearTimeout(timer)
    timer = null
    kept.logs.flush()
    kept.deliveries.flush()
    saveState(directory, kept.state)
  }
  const writeLater = (): void => {
    try {
      write()
    } catch (error) {
      // The next change tries again, and closing throws. A full disk must not end the sandbox during a request.
      const reason = error instanceof Error ? error.message : String(error)
      kept.warnings.push(`The state could not be written to ${directory}: ${reason}`)
    }
  }
  return {
    changed() {
      if (!isClosed) timer ??= setTimeout(writeLater, WRITE_DELAY_MS)
    },
    close() {
      isClosed = true
      write()
    },
  }
}

/** Renames the repositories, logs, artifacts and deliveries of a lost state, because the empty state assigns their IDs again. */
function setAside(directory: string, names: string[]): string[] {
  const suffix = `damaged-${Date.now()}`
  return names
    .filter((name) => existsSync(join(directory, name)))
    .map((name) => {
      renameSync(join(directory, name), join(directory, `${name}.${suffix}`))
      return `The folder ${name} that belonged to it is now ${name}.${suffix}.`
    })
}

function newToken(): string {
  return `orch_sandbox_${randomBytes(20).toString('hex')}`
}

function loadToken(directory: string): string {
  const path = join(directory, 'token')
  if (existsSync(path)) {
    const kept = readFileSync(path, 'utf8').trim()
    if (kept.startsWith('orch_sandbox_')) return kept
  }
  const token = newToken()
  writeFileSync(path, `${token}\n`, { mode: 0o600 })
  chmodSync(path, 0o600)
  return token
}

function writeAnnouncement(directory: string, server: { url: string; startedAt: number } | null): void {
  const path = join(directory, 'server.json')
  if (server === null) {
    rmSync(path, { force: true })
    return
  }
  const content = { url: server.url, pid: process.pid, startedAt: new Date(server.startedAt).toISOString() }
  writeFileSync(`${path}.new`, `${JSON.stringify(content)}\n`)
  renameSync(`${path}.new`, path)
}
