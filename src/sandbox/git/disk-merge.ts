import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import type { GitIndex } from './disk-index.js'
import { NO_SHA } from './disk-index.js'
import { writeObject } from './disk-objects.js'
import { blobObject } from './git-objects.js'
import { git, gitText, tryGit } from './git-process.js'

interface Stages {
  path: string
  modes: string[]
  /** The blob SHAs of stages 1 (origin), 2 (ours) and 3 (theirs). */
  shas: (string | undefined)[]
}

const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/**
 * Merges two commits in an index, without a working tree, and returns the SHA of the merged tree, or null if they conflict. It uses read-tree and
 * merge-file because `git merge-tree --write-tree` is missing before git 2.38.
 */
export async function mergeInIndex(
  index: GitIndex,
  directory: string,
  commits: { origin: string | null; ours: string; theirs: string },
): Promise<string | null> {
  const origin = commits.origin ?? EMPTY_TREE
  await git(['read-tree', '-i', '-m', '--aggressive', origin, commits.ours, commits.theirs], index)
  for (const stages of await unmerged(index)) {
    const sha = await mergeFile(index, directory, stages)
    if (sha === null) return null
    const input = `0 ${NO_SHA}\t${stages.path}\0${stages.modes[1] ?? ''} ${sha}\t${stages.path}\0`
    await git(['update-index', '-z', '--index-info'], { ...index, input })
  }
  return gitText(['write-tree'], index)
}

async function unmerged(index: GitIndex): Promise<Stages[]> {
  const byPath = new Map<string, Stages>()
  const entries = (await git(['ls-files', '--unmerged', '-z'], index)).toString('utf8').split('\0')
  for (const entry of entries.filter((text) => text !== '')) {
    const tab = entry.indexOf('\t')
    const path = entry.slice(tab + 1)
    const [mode = '', sha = '', stage = ''] = entry.slice(0, tab).split(' ')
    const stages = byPath.get(path) ?? { path, modes: [], shas: [] }
    stages.modes[Number(stage) - 1] = mode
    stages.shas[Number(stage) - 1] = sha
    byPath.set(path, stages)
  }
  return [...byPath.values()]
}

/** Returns the SHA of the merged file, or null if it conflicts: both sides changed the same lines, or one side removed it. */
async function mergeFile(index: GitIndex, directory: string, stages: Stages): Promise<string | null> {
  const [origin, ours, theirs] = stages.shas
  if (origin === undefined || ours === undefined || theirs === undefined) return null
  const names = ['ours', 'origin', 'theirs']
  for (const [position, sha] of [ours, origin, theirs].entries()) {
    const content = await git(['cat-file', 'blob', sha], index)
    await writeFile(join(directory, names[position] ?? ''), content)
  }
  const result = await tryGit(['merge-file', '-p', ...names], { directory })
  if (result.exitCode !== 0) return null
  return writeObject(index.repository, blobObject(result.stdout))
}
