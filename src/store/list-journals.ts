import { readdirSync } from 'node:fs'
import { journalDirectory } from './paths.js'

/** Ids of all journals, oldest first (an id begins with its time); empty while there is no folder. */
export function listJournals(stateDirectory: string): string[] {
  try {
    // Synchronous: the promises of `node:fs` would be loaded for a folder that is mostly empty or absent.
    return journalIdsIn(readdirSync(journalDirectory(stateDirectory)))
  } catch (error) {
    // A file in place of the folder holds no journal; opening a journal there reports it.
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code))) return []
    throw error
  }
}

/** The ids of the journals among these file names, oldest first. */
export function journalIdsIn(names: readonly string[]): string[] {
  return names
    .filter((name) => name.endsWith('.jsonl'))
    .map((name) => name.slice(0, -'.jsonl'.length))
    .sort()
}
