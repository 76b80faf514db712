import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Everything but the flows that people write there. */
const ignored = '*\n!/flows\n!/flows/**\n'

/** Keeps an existing state directory out of git: it is inside a user's checkout and must never be committed by accident. */
export async function hideFromGit(directory: string): Promise<void> {
  try {
    await writeFile(join(directory, '.gitignore'), ignored, { flag: 'wx' })
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
