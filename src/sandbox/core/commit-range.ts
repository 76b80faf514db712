import type { GitCommit } from '../git/git-store.js'
import type { Repository } from '../state/model.js'
import type { World } from '../world.js'

const ALL = { skip: 0, limit: 1_000_000 }

/** Returns the commits reachable from `head` and not from `base`, oldest first. Null: no base. */
export async function commitsBetween(
  world: World,
  repository: Repository,
  base: string | null,
  head: string,
): Promise<GitCommit[]> {
  const known = base === null ? [] : await world.git.history(repository.id, base, ALL)
  const excluded = new Set(known.map(({ sha }) => sha))
  const commits = await world.git.history(repository.id, head, ALL)
  return commits.filter(({ sha }) => !excluded.has(sha)).reverse()
}

/** The paths of the files that a commit adds, removes and modifies, compared with its first parent. */
export interface ChangedPaths {
  added: string[]
  removed: string[]
  modified: string[]
}

export async function changedPaths(world: World, repository: Repository, commit: GitCommit): Promise<ChangedPaths> {
  const changed: ChangedPaths = { added: [], removed: [], modified: [] }
  const before = commit.parents[0] ?? null
  const compare = async (path: string): Promise<void> => {
    const old = await entriesOf(world, repository, before, path)
    const now = await entriesOf(world, repository, commit.sha, path)
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      const [was, is] = [old.get(name), now.get(name)]
      const full = path === '' ? name : `${path}/${name}`
      if (was?.sha === is?.sha) continue
      if (was?.type === 'dir' || is?.type === 'dir') await compare(full)
      if (is?.type === 'file') (was?.type === 'file' ? changed.modified : changed.added).push(full)
      else if (was?.type === 'file') changed.removed.push(full)
    }
  }
  await compare('')
  return changed
}

async function entriesOf(
  world: World,
  repository: Repository,
  sha: string | null,
  path: string,
): Promise<Map<string, { type: string; sha: string }>> {
  const entries = sha === null ? null : await world.git.listTree(repository.id, sha, path)
  return new Map(entries?.map((entry) => [entry.name, entry]))
}
