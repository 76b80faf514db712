import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The SHA that git uses for a missing object. */
export const NO_SHA = '0'.repeat(40)

/** Runs git on a separate index. */
export interface GitIndex {
  repository: string
  environment: { GIT_INDEX_FILE: string }
}

/** Provides an empty index in a temporary folder, and removes both afterwards. */
export async function withIndex<Result>(
  repository: string,
  use: (index: GitIndex, directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'orch-sandbox-index-'))
  try {
    return await use({ repository, environment: { GIT_INDEX_FILE: join(directory, 'index') } }, directory)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
