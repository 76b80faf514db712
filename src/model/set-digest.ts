import { createHash } from 'node:crypto'
import { basesOf } from './base-branch.js'
import type { RepositoryRead } from './change.js'
import { repoKey } from './repo-name.js'
import type { RepoName } from './repo-name.js'

/** A repository of the graph and the head of the change's branch in it; null where the branch is absent. */
export interface SetEntry {
  repo: RepoName
  headSha: string | null
  /** The branches that it is merged into, sorted. Absent: not recorded, as in the statuses of older versions. */
  bases?: readonly string[]
  /** Head of the default branch, where that is built because the branch is absent; absent: it is not built. */
  defaultBranchSha?: string
}

/** The entry of a repository as it was read. */
export function setEntry({ repo, headSha, defaultBranch, pullRequests }: RepositoryRead): SetEntry {
  return { repo, headSha, bases: headSha === null ? [] : basesOf({ defaultBranch, pullRequests }) }
}

/**
 * Identifies exactly what was tested together: sha256 (64 hex digits) over the sorted lines `owner/name@headSha into base`, with
 * `-` for repositories without the branch, or `owner/name@sha default` where the default branch is built in its place. A base is part of
 * it because a status cannot show it otherwise. Names are in lower case, because GitHub compares them without case.
 */
export function setDigest(entries: readonly SetEntry[]): string {
  const lines = entries.map((entry) => `${repoKey(entry.repo)}@${versionOf(entry)}\n`).sort()
  return createHash('sha256').update(lines.join('')).digest('hex')
}

function versionOf({ headSha, bases = [], defaultBranchSha }: SetEntry): string {
  if (headSha === null) return defaultBranchSha === undefined ? '-' : `${defaultBranchSha} default`
  return `${headSha}${bases.map((base) => ` into ${base}`).join('')}`
}

/** The digest in a status description: its first 12 hex digits. */
export function shortDigest(digest: string): string {
  return digest.slice(0, 12)
}
