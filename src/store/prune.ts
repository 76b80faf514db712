import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Event } from '../model/build/events.js'
import { startOfId } from './id-time.js'
import { findLockOwner, takeLock } from '../lib/lock-file.js'
import type { Processes } from '../lib/lock-file.js'
import { journalDirectory, journalPath, lockPath } from './paths.js'
import { readJournal } from './read-journal.js'

const day = 24 * 3_600_000

/** Which journals are kept (docs/decisions/0007-pruning.md). */
export const retention = {
  /** The newest ones are kept whatever their age. */
  atLeast: 50,
  /** Of those beyond the newest ones of this number, the finished ones go whatever their age. */
  atMost: 1_000,
  /** How long after its last event a finished one is kept, ms. */
  age: 30 * day,
  /** How many journals one pruning opens at most: it happens beside a run. */
  openings: 50,
  /** How long after its beginning a lock without a journal is left alone, ms: it may belong to an orchestration that is just beginning. */
  orphanAge: day,
} as const

export interface Pruning {
  stateDirectory: string
  /** ms, UTC. */
  now: number
  processes: Processes
  /** When the orchestration that these events tell of ended, ms, UTC; null: it has not, or no orchestration wrote them. */
  endedAt: (id: string, events: readonly Event[]) => number | null
}

export interface Pruned {
  /** Ids of the journals that are gone. */
  removed: readonly string[]
  /** What could not be removed, and why. */
  failures: readonly { path: string; error: unknown }[]
}

/**
 * Removes the journals that nobody needs any more, and what is left of their locks. It decides by the names (an id begins with its time) and
 * opens only what they make a candidate. Kept in any case: what is unfinished, what cannot be understood, what a living process has locked.
 * Rejects when the folder cannot be listed.
 */
export async function pruneJournals(pruning: Pruning): Promise<Pruned> {
  const { stateDirectory, now } = pruning
  const names = await readdir(journalDirectory(stateDirectory))
  const removed: string[] = []
  const failures: { path: string; error: unknown }[] = []
  for (const { id, isExcess } of someOf(candidatesIn(names, now), now)) {
    try {
      if (await removeJournal(pruning, id, isExcess)) removed.push(id)
    } catch (error) {
      failures.push({ path: journalPath(stateDirectory, id), error })
    }
  }
  for (const name of leftoversIn(names, removed, now)) {
    const path = join(journalDirectory(stateDirectory), name)
    try {
      if ((await findLockOwner(path, pruning.processes)) === null) await rm(path, { force: true })
    } catch (error) {
      failures.push({ path, error })
    }
  }
  return { removed, failures }
}

interface Candidate {
  id: string
  /** It is beyond the number that is kept. */
  isExcess: boolean
}

/** What may go by its name alone, oldest first. */
function candidatesIn(names: readonly string[], now: number): Candidate[] {
  return idsIn(names)
    .reverse()
    .map((id, index) => ({ id, index, isExcess: index >= retention.atMost }))
    .filter(({ id, index, isExcess }) => isExcess || (index >= retention.atLeast && isOld(startOfId(id), now)))
    .reverse()
}

/** As many as one pruning opens; of more, from another place each time, so that those which stay keep none of the others from going. */
function someOf(candidates: readonly Candidate[], now: number): Candidate[] {
  if (candidates.length <= retention.openings) return [...candidates]
  const start = Math.floor(now / 1000) % candidates.length
  return [...candidates.slice(start), ...candidates.slice(0, start)].slice(0, retention.openings)
}

function isOld(at: number | null, now: number): boolean {
  return at !== null && at < now - retention.age
}

/** Oldest first; other files in the folder are no business of ours. */
function idsIn(names: readonly string[]): string[] {
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .filter((id) => startOfId(id) !== null)
    .sort()
}

/** Whether it was removed now. A finished journal does not change any more, so that it may be read before it is locked. */
async function removeJournal(pruning: Pruning, id: string, isExcess: boolean): Promise<boolean> {
  const { stateDirectory, now, processes, endedAt } = pruning
  const reading = await readJournal(stateDirectory, id).catch(() => null)
  // What cannot be read or understood stays: orch list says what is wrong with it.
  if (reading?.kind !== 'read') return false
  const at = endedAt(id, reading.events)
  if (at === null || !(isExcess || isOld(at, now))) return false
  try {
    const lock = await takeLock(lockPath(stateDirectory, id), processes)
    if (lock.kind === 'held') return false
    try {
      await rm(journalPath(stateDirectory, id))
      return true
    } finally {
      await lock.release()
    }
  } catch (error) {
    // Another process prunes as well, and was faster.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** Files of locks (the lock, one that is being taken, one of a cancel) whose journal is gone. */
function leftoversIn(names: readonly string[], removed: readonly string[], now: number): string[] {
  const gone = new Set(removed)
  const kept = new Set(idsIn(names).filter((id) => !gone.has(id)))
  return names
    .filter((name) => {
      const id = /^([^.]+)\.lock(?:\.|$)/u.exec(name)?.[1] ?? ''
      const startedAt = startOfId(id)
      return startedAt !== null && !kept.has(id) && (gone.has(id) || startedAt < now - retention.orphanAge)
    })
    .slice(0, retention.openings)
}
