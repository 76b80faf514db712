import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { commitObject, storedCommit, treeShas } from './git-objects.js'
import type {
  ChangedPaths,
  DiffSize,
  FileChanges,
  GitCommit,
  GitFile,
  GitRef,
  GitStore,
  NewCommit,
  TreeEntry,
} from './git-store.js'
import type { Tree } from './memory-tree.js'
import { changedFiles, diffSizeOf, listFolder, mergeTrees, storedFile } from './memory-tree.js'

interface StoredCommit {
  commit: GitCommit
  tree: Tree
  order: number
}

interface MemoryRepository {
  commits: Map<string, StoredCommit>
  /** The map is replaced and never changed, so that a holder keeps the refs of that time. */
  refs: ReadonlyMap<string, string>
}

/** Git repositories in maps, without processes, disk or smart HTTP. A checkout writes the files without a `.git` folder. */
export function createMemoryGit(): GitStore {
  return new MemoryGit()
}

class MemoryGit implements GitStore {
  readonly http = null
  readonly #repositories = new Map<number, MemoryRepository>()
  #order = 0

  createRepository(id: number): Promise<void> {
    this.#repositories.set(id, { commits: new Map(), refs: new Map() })
    return Promise.resolve()
  }

  forkRepository(parent: number, id: number): Promise<void> {
    const source = this.#repository(parent)
    const refs = [...source.refs].filter(([name]) => name.startsWith('refs/heads/'))
    this.#repositories.set(id, { commits: new Map(source.commits), refs: new Map(refs) })
    return Promise.resolve()
  }

  listRefs(id: number, prefix: string): Promise<GitRef[]> {
    const refs = [...this.#repository(id).refs].filter(([name]) => name.startsWith(prefix))
    refs.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    return Promise.resolve(refs.map(([name, sha]) => ({ name, sha })))
  }

  async listRefsWith(id: number, prefix: string, sha: string): Promise<GitRef[]> {
    const refs = await this.listRefs(id, prefix)
    return refs.filter((ref) => this.#reachable(id, ref.sha).some(({ commit }) => commit.sha === sha))
  }

  resolveRef(id: number, ref: string): Promise<string | null> {
    return Promise.resolve(this.#repository(id).refs.get(ref) ?? null)
  }

  updateRef(id: number, ref: string, sha: string | null, expected?: string | null): Promise<boolean> {
    const repository = this.#repository(id)
    const refs = new Map(repository.refs)
    if (expected !== undefined && (refs.get(ref) ?? null) !== expected) return Promise.resolve(false)
    if (sha === null) {
      if (!refs.delete(ref)) return Promise.resolve(false)
    } else {
      if (!repository.commits.has(sha) || conflictsWithFolder(refs, ref)) return Promise.resolve(false)
      refs.set(ref, sha)
    }
    repository.refs = refs
    return Promise.resolve(true)
  }

  refsNow(id: number): ReadonlyMap<string, string> {
    return this.#repository(id).refs
  }

  readCommit(id: number, sha: string): Promise<GitCommit | null> {
    return Promise.resolve(this.#find(id, sha)?.commit ?? null)
  }

  history(id: number, sha: string, page: { skip: number; limit: number; path?: string }): Promise<GitCommit[]> {
    const { path } = page
    const commits = this.#reachable(id, sha).filter((stored) => path === undefined || this.#touches(id, stored, path))
    commits.sort((a, b) => b.commit.committer.time - a.commit.committer.time || b.order - a.order)
    return Promise.resolve(commits.slice(page.skip, page.skip + page.limit).map((stored) => stored.commit))
  }

  isAncestor(id: number, ancestor: string, descendant: string): Promise<boolean> {
    return Promise.resolve(this.#reachable(id, descendant).some((stored) => stored.commit.sha === ancestor))
  }

  countAhead(id: number, base: string, head: string): Promise<number> {
    const known = new Set(this.#reachable(id, base))
    return Promise.resolve(this.#reachable(id, head).filter((stored) => !known.has(stored)).length)
  }

  async commitsBetween(id: number, base: string | null, head: string): Promise<GitCommit[]> {
    const known = new Set(base === null ? [] : this.#reachable(id, base).map(({ commit }) => commit.sha))
    const commits = await this.history(id, head, { skip: 0, limit: Infinity })
    return commits.filter(({ sha }) => !known.has(sha)).reverse()
  }

  mergeBase(id: number, a: string, b: string): Promise<string | null> {
    return Promise.resolve(this.#mergeBase(id, a, b)?.commit.sha ?? null)
  }

  diffSize(id: number, from: string, to: string): Promise<DiffSize> {
    return Promise.resolve(diffSizeOf(this.#require(id, from).tree, this.#require(id, to).tree))
  }

  changedPaths(id: number, commits: readonly GitCommit[]): Promise<ReadonlyMap<string, ChangedPaths>> {
    const changes = commits.map(({ sha, parents: [parent] }): [string, ChangedPaths] => {
      const before = parent === undefined ? new Map<string, GitFile>() : this.#require(id, parent).tree
      return [sha, changedFiles(before, this.#require(id, sha).tree)]
    })
    return Promise.resolve(new Map(changes))
  }

  listTree(id: number, commit: string, path: string): Promise<TreeEntry[] | null> {
    return Promise.resolve(listFolder(this.#require(id, commit).tree, path))
  }

  readFile(id: number, commit: string, path: string): Promise<GitFile | null> {
    return Promise.resolve(this.#require(id, commit).tree.get(path) ?? null)
  }

  commit(id: number, parents: string[], changes: FileChanges, commit: NewCommit): Promise<string> {
    const base = parents[0] === undefined ? new Map<string, GitFile>() : this.#require(id, parents[0]).tree
    const tree = new Map(base)
    for (const [path, content] of Object.entries(changes)) {
      // A path that becomes a file removes the files below it, and a path below a file removes that file.
      for (const other of base.keys()) {
        if (content !== null && (other.startsWith(`${path}/`) || path.startsWith(`${other}/`))) tree.delete(other)
      }
      if (content === null) tree.delete(path)
      else tree.set(path, storedFile(content))
    }
    return Promise.resolve(this.#store(id, tree, parents, commit))
  }

  commitTree(id: number, treeOf: string, parents: string[], commit: NewCommit): Promise<string> {
    return Promise.resolve(this.#store(id, this.#require(id, treeOf).tree, parents, commit))
  }

  merge(id: number, base: string, head: string, parents: string[], commit: NewCommit): Promise<string | null> {
    const origin = this.#mergeBase(id, base, head)
    const tree = mergeTrees(
      origin?.tree ?? new Map<string, GitFile>(),
      this.#require(id, base).tree,
      this.#require(id, head).tree,
    )
    return Promise.resolve(tree === null ? null : this.#store(id, tree, parents, commit))
  }

  copyCommit(from: number, to: number, sha: string): Promise<void> {
    const { commits } = this.#repository(to)
    for (const stored of this.#reachable(from, sha)) commits.set(stored.commit.sha, stored)
    return Promise.resolve()
  }

  async checkout(id: number, sha: string, target: { directory: string }): Promise<void> {
    for (const [path, file] of this.#require(id, sha).tree) {
      const destination = join(target.directory, path)
      await mkdir(dirname(destination), { recursive: true })
      await writeFile(destination, file.content)
    }
  }

  #repository(id: number): MemoryRepository {
    const repository = this.#repositories.get(id)
    if (repository === undefined) throw new Error(`no git repository has the id ${id}`)
    return repository
  }

  #find(id: number, sha: string): StoredCommit | null {
    const { commits } = this.#repository(id)
    const exact = commits.get(sha)
    if (exact !== undefined || !/^[0-9a-f]{4,39}$/.test(sha)) return exact ?? null
    const matches = [...commits.values()].filter((stored) => stored.commit.sha.startsWith(sha))
    return matches.length === 1 ? (matches[0] ?? null) : null
  }

  #require(id: number, sha: string): StoredCommit {
    const stored = this.#find(id, sha)
    if (stored === null) throw new Error(`the git repository ${id} has no commit ${sha}`)
    return stored
  }

  #reachable(id: number, sha: string): StoredCommit[] {
    const seen = new Set<string>()
    const found: StoredCommit[] = []
    const open = [sha]
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (seen.has(next)) continue
      seen.add(next)
      const stored = this.#require(id, next)
      found.push(stored)
      open.push(...stored.commit.parents)
    }
    return found
  }

  #mergeBase(id: number, a: string, b: string): StoredCommit | null {
    const ours = new Set(this.#reachable(id, a))
    const common = this.#reachable(id, b).filter((stored) => ours.has(stored))
    // A commit is created after its parents, so no common commit descends from the newest common one.
    return common.reduce<StoredCommit | null>((best, next) => (best && best.order > next.order ? best : next), null)
  }

  #touches(id: number, stored: StoredCommit, path: string): boolean {
    const below = (tree: Tree): string =>
      [...tree]
        .filter(([name]) => name === path || name.startsWith(`${path}/`))
        .map(([name, file]) => `${name} ${file.sha}`)
        .sort()
        .join('\n')
    const now = below(stored.tree)
    if (stored.commit.parents.length === 0) return now !== ''
    return stored.commit.parents.every((parent) => below(this.#require(id, parent).tree) !== now)
  }

  #store(id: number, tree: Tree, parents: string[], commit: NewCommit): string {
    const root = treeShas(new Map([...tree].map(([path, file]) => [path, file.sha]))).get('') ?? ''
    const content = storedCommit(root, parents, commit)
    const { sha } = commitObject(content)
    const { commits } = this.#repository(id)
    if (!commits.has(sha)) commits.set(sha, { commit: { sha, ...content }, tree, order: this.#order++ })
    return sha
  }
}

/** As in git, `a` and `a/b` cannot both be refs. */
function conflictsWithFolder(refs: ReadonlyMap<string, string>, ref: string): boolean {
  for (const other of refs.keys()) if (other.startsWith(`${ref}/`) || ref.startsWith(`${other}/`)) return true
  return false
}
