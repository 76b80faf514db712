import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { storedMessage, storedPerson } from './git-objects.js'
import { git, gitText } from './git-process.js'
import type { FileChanges, NewCommit } from './git-store.js'

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

/** Changes files of an index and returns the SHA of the resulting tree. A file keeps its mode. */
export async function changeIndex(index: GitIndex, changes: FileChanges): Promise<string> {
  const modes = await readModes(index)
  const lines: string[] = []
  for (const [path, content] of Object.entries(changes)) {
    if (content === null) {
      lines.push(`0 ${NO_SHA}\t${path}\0`)
    } else {
      const sha = await gitText(['hash-object', '-w', '--stdin'], { ...index, input: content })
      lines.push(`${modes.get(path) ?? '100644'} ${sha}\t${path}\0`)
    }
  }
  await git(['update-index', '--replace', '-z', '--index-info'], { ...index, input: lines.join('') })
  return gitText(['write-tree'], index)
}

/** Returns the modes of the files of an index, by path. */
async function readModes(index: GitIndex): Promise<Map<string, string>> {
  const entries = (await git(['ls-files', '--stage', '-z'], index)).toString('utf8').split('\0')
  const files = entries.filter((entry) => entry !== '')
  return new Map(files.map((entry) => [entry.slice(entry.indexOf('\t') + 1), entry.slice(0, 6)]))
}

/** Commits a tree and returns the SHA of the commit. */
export function commitTree(repository: string, tree: string, parents: string[], commit: NewCommit): Promise<string> {
  const author = storedPerson(commit.author)
  const committer = storedPerson(commit.committer ?? commit.author)
  const date = `${Math.floor(commit.time / 1000)} +0000`
  return gitText(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'], {
    repository,
    input: storedMessage(commit.message),
    environment: {
      GIT_AUTHOR_NAME: author.name,
      GIT_AUTHOR_EMAIL: author.email,
      GIT_AUTHOR_DATE: date,
      GIT_COMMITTER_NAME: committer.name,
      GIT_COMMITTER_EMAIL: committer.email,
      GIT_COMMITTER_DATE: date,
    },
  })
}
