import { createHash } from 'node:crypto'
import { repoKey } from './repo-name.js'
import type { RepoName } from './repo-name.js'

/** A repository of the graph and the head of the change's branch in it; null where the branch is absent. */
export interface SetEntry {
  repo: RepoName
  headSha: string | null
}

/**
 * Identifies exactly what was tested together: sha256 (64 hex digits) over the sorted lines `owner/name@headSha`, with `-` for
 * repositories without the branch. Names are in lower case, because GitHub compares them without case.
 */
export function setDigest(entries: readonly SetEntry[]): string {
  const lines = entries.map(({ repo, headSha }) => `${repoKey(repo)}@${headSha ?? '-'}\n`).sort()
  return createHash('sha256').update(lines.join('')).digest('hex')
}

/** The digest in a status description: its first 12 hex digits. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12)
}
