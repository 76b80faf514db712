import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FlowEvent } from '../../model/flow/flow-event.js'
import type { FlowRun } from '../../model/flow/flow-run.js'
import { writeContextFolder } from '../context-folder.js'

/** The folder of a run while an attempt is executed. */
export interface RunFolder {
  /** The folder with the context files of the event. */
  contextDirectory: string
  close: () => Promise<void>
}

export type OpenRunFolder = (run: FlowRun, event: FlowEvent) => Promise<RunFolder>

/** Folders that stay below a state directory as long as their runs, so that a person can look at what a run was given. */
export function keptRunFolders(stateDirectory: string): OpenRunFolder {
  return async ({ id }, { context }) => ({
    contextDirectory: await writeContextFolder(folderOf(stateDirectory, id), context),
    close: () => Promise.resolve(),
  })
}

/** Removes the folder of a run, if there is one. */
export async function removeRunFolder(stateDirectory: string, runId: string): Promise<void> {
  await rm(folderOf(stateDirectory, runId), { recursive: true, force: true })
}

function folderOf(stateDirectory: string, runId: string): string {
  return join(stateDirectory, 'events', 'folders', runId)
}

/** Folders that are removed when the attempt ends. */
export const temporaryRunFolders: OpenRunFolder = async (_run, { context }) => {
  const directory = await mkdtemp(join(tmpdir(), 'orch-run-'))
  return {
    contextDirectory: await writeContextFolder(directory, context),
    close: () => rm(directory, { recursive: true, force: true }),
  }
}
