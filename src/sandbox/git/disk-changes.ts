import { git } from './git-process.js'
import type { ChangedPaths, GitCommit } from './git-store.js'

/** Returns the files that commits change, each compared with its first parent, by SHA. One git process reads them all. */
export async function changedPaths(
  repository: string,
  commits: readonly GitCommit[],
): Promise<ReadonlyMap<string, ChangedPaths>> {
  const input = commits.map(({ sha, parents }) => `${[sha, ...parents.slice(0, 1)].join(' ')}\n`).join('')
  const args = ['diff-tree', '--stdin', '-r', '-z', '--root', '--name-status', '--no-renames']
  const output = (await git(args, { repository, input })).toString('utf8')
  const changes = new Map<string, ChangedPaths>()
  let current: ChangedPaths = { added: [], removed: [], modified: [] }
  const parts = output.split('\0').values()
  for (const part of parts) {
    if (/^[0-9a-f]{40}$/.test(part)) {
      current = { added: [], removed: [], modified: [] }
      changes.set(part, current)
      continue
    }
    const { value: path } = parts.next()
    if (part === 'A') current.added.push(path ?? '')
    else if (part === 'D') current.removed.push(path ?? '')
    else if (part !== '') current.modified.push(path ?? '')
  }
  return changes
}
