import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findLockOwner, takeLock } from '../lib/lock-file.js'
import type { Processes } from '../lib/lock-file.js'
import type { PruneOptions, Pruned } from '../ports/store.js'
import { startOfId } from './id-time.js'
import { journalIdsIn } from './list-journals.js'
import { journalDirectory, journalPath, lockPath } from './paths.js'
import { readJournal } from './read-journal.js'
import { isExpired, pruneCandidates, retention } from './retention.js'
import type { Candidate } from './retention.js'

export interface FilePruneOptions extends PruneOptions {
  stateDirectory: string
  processes: Processes
}

/**
 * Removes the journals whose retention has ended, and the remains of their locks. It opens only those whose names make them
 * candidates. Rejects when the folder cannot be listed.
 */
export async function pruneJournals(options: FilePruneOptions): Promise<Pruned> {
  const { stateDirectory, now, processes } = options
  const names = await readdir(journalDirectory(stateDirectory))
  const removed: string[] = []
  const failures: { location: string; error: unknown }[] = []
  for (const candidate of pruneCandidates(journalIdsIn(names), now)) {
    try {
      if (await removeJournal(options, candidate)) removed.push(candidate.id)
    } catch (error) {
      failures.push({ location: journalPath(stateDirectory, candidate.id), error })
    }
  }
  for (const name of orphanedLocksIn(names, removed, now)) {
    const path = join(journalDirectory(stateDirectory), name)
    try {
      if ((await findLockOwner(path, processes)) === null) await rm(path, { force: true })
    } catch (error) {
      failures.push({ location: path, error })
    }
  }
  return { removed, failures }
}

/** Whether this call removed the journal. A finished journal does not change any more, so it can be read before it is locked. */
async function removeJournal(options: FilePruneOptions, candidate: Candidate): Promise<boolean> {
  const { stateDirectory, now, processes, endedAt } = options
  const { id } = candidate
  const reading = await readJournal(stateDirectory, id).catch(() => null)
  // An unreadable journal stays: orch list reports the problem.
  if (reading?.kind !== 'read' || !isExpired(candidate, endedAt(id, reading.events), now)) return false
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
    // Another process was pruning at the same time and removed it first.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}

/** Files of locks (the lock, one that is being taken, one of a cancel request) whose journal does not exist. */
function orphanedLocksIn(names: readonly string[], removed: readonly string[], now: number): string[] {
  const gone = new Set(removed)
  const kept = new Set(journalIdsIn(names).filter((id) => startOfId(id) !== null && !gone.has(id)))
  return names
    .filter((name) => {
      const id = /^([^.]+)\.lock(?:\.|$)/u.exec(name)?.[1] ?? ''
      const startedAt = startOfId(id)
      return startedAt !== null && !kept.has(id) && (gone.has(id) || startedAt < now - retention.orphanAgeMs)
    })
    .slice(0, retention.openings)
}
