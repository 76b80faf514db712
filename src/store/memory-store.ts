import type { Event } from '../model/build/events.js'
import type { Driver } from '../model/build/history.js'
import type { Clock } from '../ports/clock.js'
import type { Journal } from '../ports/journal.js'
import type {
  CancelRequest,
  JournalReading,
  Pruned,
  PruneOptions,
  Store,
  TailOptions,
  TailedJournal,
} from '../ports/store.js'
import { branchIn, headerLine, journalStart, journalVersion, parseJournal, parseLines } from './journal-format.js'
import { poll } from './poll.js'
import { isExpired, pruneCandidates } from './retention.js'

/** A process that uses the store. */
interface MemoryProcess extends Driver {
  onCancelRequest: (() => void) | null
}

interface MemoryEntry {
  /** The lines that the file of the journal would hold. */
  lines: string[]
  driver: MemoryProcess | null
  /** The process whose cancel request is open. */
  requester: MemoryProcess | null
}

/** The data that several stores in memory share, as processes share a folder or a table. */
export class JournalMemory {
  readonly entries = new Map<string, MemoryEntry>()

  /** Releases what a process holds, as its death does. */
  release(name: string): void {
    for (const entry of this.entries.values()) {
      if (entry.driver?.name === name) entry.driver = null
      if (entry.requester?.name === name) entry.requester = null
    }
  }
}

export interface MemoryStoreOptions {
  clock: Clock
  /** Left out: the store is not shared. */
  memory?: JournalMemory
  /** This process; left out: the only one. */
  driver?: Driver
  /** Called when another process requests a cancellation of an orchestration that this one drives; left out: it cannot be interrupted. */
  onCancelRequest?: () => void
}

/** A store that lasts as long as its memory. */
export function createMemoryStore({
  clock,
  memory = new JournalMemory(),
  driver = { name: 'this process', pid: null },
  onCancelRequest,
}: MemoryStoreOptions): Store {
  const self: MemoryProcess = { ...driver, onCancelRequest: onCancelRequest ?? null }
  const { entries } = memory
  return {
    location: 'memory',
    locationOf: (id) => `the journal ${id} in memory`,
    list: (branch) => {
      const listed = [...entries].filter(([, { lines }]) => branch === undefined || branchIn(lines) === branch)
      return Promise.resolve(listed.map(([id]) => id).sort())
    },
    read: (id) => {
      const entry = entries.get(id)
      return Promise.resolve({ driver: driverOf(entry), reading: readEntry(entry, id) })
    },
    create: (id, branch) =>
      later(() => {
        const existing = entries.get(id)
        if (existing?.driver) return { kind: 'held', driver: toDriver(existing.driver) }
        if (existing) throw new Error(`there is a journal ${id} already`)
        const entry = { lines: [JSON.stringify(headerLine(id, branch))], driver: self, requester: null }
        entries.set(id, entry)
        return { kind: 'opened', journal: openJournal(entry, self) }
      }),
    takeOver: (id) =>
      later(() => {
        const entry = entries.get(id)
        if (!entry) return { kind: 'absent' }
        if (entry.driver) return { kind: 'held', driver: toDriver(entry.driver) }
        const reading = parseJournal(entry.lines, id)
        if (reading.kind !== 'events') return reading
        entry.driver = self
        if (reading.version < journalVersion) entry.lines.push(JSON.stringify(headerLine(id)))
        return { kind: 'opened', journal: openJournal(entry, self), events: reading.events }
      }),
    tail: (id, options) => tail(entries, id, clock, options),
    cancelRequest: (id) => createCancelRequest(entries, id, self),
    prune: (options) => Promise.resolve(prune(entries, options)),
  }
}

/** The result or the exception of a step, as a promise. */
function later<T>(step: () => T): Promise<T> {
  return new Promise((resolve) => resolve(step()))
}

function toDriver({ name, pid }: MemoryProcess): Driver {
  return { name, pid }
}

function driverOf(entry: MemoryEntry | undefined): Driver | null {
  return entry?.driver ? toDriver(entry.driver) : null
}

function readEntry(entry: MemoryEntry | undefined, id: string): JournalReading {
  if (!entry) return { kind: 'absent' }
  const parsed = parseJournal(entry.lines, id)
  if (parsed.kind !== 'events') return parsed
  return parsed.events.length === 0 ? { kind: 'empty' } : { kind: 'events', events: parsed.events }
}

/** Accepts events for as long as the process drives the orchestration. */
function openJournal(entry: MemoryEntry, self: MemoryProcess): Journal {
  return {
    append: (event: Event) =>
      later(() => {
        if (entry.driver !== self) throw new Error('the journal is closed')
        entry.lines.push(JSON.stringify(event))
      }),
    close: () =>
      later(() => {
        if (entry.driver === self) entry.driver = null
      }),
  }
}

function tail(entries: ReadonlyMap<string, MemoryEntry>, id: string, clock: Clock, options: TailOptions) {
  let position = journalStart
  return poll<TailedJournal>(clock, options, () =>
    later(() => {
      const entry = entries.get(id)
      if (!entry) return { driver: null, reading: { kind: 'absent' } }
      const { lines } = entry
      if (lines.length < position.lines) return { driver: driverOf(entry), reading: { kind: 'truncated' } }
      const parsed = parseLines(lines.slice(position.lines), position, id)
      if (parsed.kind !== 'events') return { driver: driverOf(entry), reading: parsed }
      position = parsed.position
      const reading = { kind: 'events' as const, events: parsed.events }
      return { driver: driverOf(entry), reading }
    }),
  )
}

function createCancelRequest(
  entries: ReadonlyMap<string, MemoryEntry>,
  id: string,
  self: MemoryProcess,
): CancelRequest {
  let asked: MemoryProcess | null = null
  return {
    send: () =>
      later(() => {
        const entry = entries.get(id)
        if (!entry?.driver) return { kind: 'not-driven' }
        const driver = toDriver(entry.driver)
        entry.requester ??= self
        if (entry.requester !== self || asked === entry.driver) return { kind: 'sent-before', driver }
        if (!entry.driver.onCancelRequest) {
          const problem = `${driver.name} drives it and cannot be asked`
          return { kind: 'refused', driver, problem, why: 'it accepts no requests', remedy: 'Cancel it there.' }
        }
        asked = entry.driver
        entry.driver.onCancelRequest()
        return { kind: 'sent', driver }
      }),
    close: () =>
      later(() => {
        const entry = entries.get(id)
        if (entry?.requester === self) entry.requester = null
      }),
  }
}

function prune(entries: Map<string, MemoryEntry>, { now, endedAt }: PruneOptions): Pruned {
  const removed: string[] = []
  for (const candidate of pruneCandidates([...entries.keys()].sort(), now)) {
    const { id } = candidate
    const entry = entries.get(id)
    if (!entry || entry.driver) continue
    const reading = parseJournal(entry.lines, id)
    if (reading.kind !== 'events' || !isExpired(candidate, endedAt(id, reading.events), now)) continue
    entries.delete(id)
    removed.push(id)
  }
  return { removed, failures: [] }
}
