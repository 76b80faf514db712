import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ContextFile } from '../model/flow/context-file.js'

/**
 * Writes the context files of an event into `trigger-context` of a run's folder, which only this user can read, and returns its path.
 * What an earlier attempt left there is removed; a link of that name is removed, not followed.
 * @param files with names that `contextProblem` has checked
 */
export async function writeContextFolder(runDirectory: string, files: readonly ContextFile[]): Promise<string> {
  const directory = join(runDirectory, 'trigger-context')
  await mkdir(runDirectory, { recursive: true, mode: 0o700 })
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { mode: 0o700 })
  for (const { name, content } of files) await writeFile(join(directory, name), content, { mode: 0o600, flag: 'wx' })
  return directory
}
