import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { FlowStore } from '../../ports/flow-store.js'
import { foldersOf } from './step-actions.js'
import type { FlowPlaces } from './step-actions.js'

export interface PruneFoldersOptions {
  places: Pick<FlowPlaces, 'stateDirectory'>
  store: Pick<FlowStore, 'readRun'>
  /** Only folders that were made before this time are looked at, ms, UTC. */
  before: number
}

/** `<run>-<number>`, as the service names them. Those of the command without a service have another form. */
const attemptPattern = /^([0-9a-f]{20})-\d+$/u

/** Removes the folders of attempts on this machine whose runs were removed. */
export async function pruneFolders({ places, store, before }: PruneFoldersOptions): Promise<void> {
  const folders = foldersOf(places)
  for (const name of await namesIn(folders)) {
    const run = attemptPattern.exec(name)?.[1]
    const path = join(folders, name)
    if (run === undefined || (await stat(path)).mtimeMs >= before || (await store.readRun(run))) continue
    await rm(path, { recursive: true, force: true })
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}
