import { closeSync, openSync, readdirSync, readSync } from 'node:fs'
import { isAbsent, openForReading, readRegularFile } from '../lib/regular-file.js'
import { branchIn } from './journal-format.js'
import { journalDirectory, journalPath } from './paths.js'
import { maxJournalBytes } from './read-journal.js'

/** The first line of a journal is shorter, bytes. */
const headerBytes = 4_096

/** Ids of all journals, oldest first (an id begins with its time); empty while there is no folder. */
export function listJournals(stateDirectory: string): string[] {
  try {
    // Synchronous: the promises of `node:fs` would be loaded for a folder that is mostly empty or absent.
    return journalIdsIn(readdirSync(journalDirectory(stateDirectory)))
  } catch (error) {
    // A file in place of the folder holds no journal; opening a journal there reports it.
    if (isAbsent(error)) return []
    throw error
  }
}

/** Ids of the journals of a branch, oldest first. Of most it reads the first line only. */
export function listJournalsOf(stateDirectory: string, branch: string): string[] {
  return listJournals(stateDirectory).filter((id) => readBranch(journalPath(stateDirectory, id)) === branch)
}

/** Null: the journal does not name its branch, cannot be read, or was removed after it was listed. */
function readBranch(path: string): string | null {
  try {
    return branchIn(wholeLines(readStart(path))) ?? branchIn(wholeLines(readRegularFile(path, maxJournalBytes)))
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null
    throw error
  }
}

function readStart(path: string): Buffer {
  const file = openSync(path, openForReading)
  try {
    const start = Buffer.alloc(headerBytes)
    return start.subarray(0, readSync(file, start, 0, headerBytes, null))
  } finally {
    closeSync(file)
  }
}

/** The first two lines, without one that is torn. */
function wholeLines(content: Buffer): string[] {
  const first = content.indexOf(0x0a) + 1
  const second = content.indexOf(0x0a, first) + 1
  return content.subarray(0, Math.max(first, second)).toString('utf8').split('\n').slice(0, -1)
}

/** The ids of the journals among these file names, oldest first. */
export function journalIdsIn(names: readonly string[]): string[] {
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort()
}
