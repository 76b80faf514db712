/**
 * The git repositories of the embedded GitHub. `disk` uses real bare repositories through the git binary. `memory` keeps commits in maps and is fast
 * enough for thousands of repositories. Both give the same SHAs for the same contents.
 */

/** The text or bytes of each path that changes. Null removes the path. */
export type FileChanges = Record<string, string | Uint8Array | null>

export interface GitPerson {
  name: string
  email: string
}

/** The properties of a new commit. `time` is in ms, UTC; git stores whole seconds. */
export interface NewCommit {
  message: string
  author: GitPerson
  committer?: GitPerson
  time: number
}

export interface GitCommit {
  sha: string
  tree: string
  parents: string[]
  message: string
  author: GitPerson & { time: number }
  committer: GitPerson & { time: number }
}

export interface GitRef {
  /** The full name, such as `refs/heads/main`. */
  name: string
  sha: string
}

export interface TreeEntry {
  /** The name within the folder. */
  name: string
  type: 'file' | 'dir'
  sha: string
  /** The size in bytes; 0 for a folder. */
  size: number
}

export interface GitFile {
  content: Uint8Array
  /** The SHA of the blob. */
  sha: string
}

/** The difference between two commits: the changed files and the number of changed lines. */
export interface DiffSize {
  files: number
  additions: number
  deletions: number
}

/** The paths of the files that a commit adds, removes and modifies. */
export interface ChangedPaths {
  added: string[]
  removed: string[]
  modified: string[]
}

/** A repository is identified by an ID that never changes. SHAs are 40 lower-case hex digits. Refs are full names that `isRefName` accepts. */
export interface GitStore {
  /** Creates an empty repository whose HEAD is `branch`. */
  createRepository(id: number, branch: string): Promise<void>
  /** Creates `id` with every branch of `parent` and its HEAD. */
  forkRepository(parent: number, id: number): Promise<void>

  /** Returns all refs whose names start with `prefix`, sorted by name. */
  listRefs(id: number, prefix: string): Promise<GitRef[]>
  /** Returns those of these refs from which a commit is reachable. */
  listRefsWith(id: number, prefix: string, sha: string): Promise<GitRef[]>
  resolveRef(id: number, ref: string): Promise<string | null>
  /** Returns all refs of a repository by full name, in an immutable map. Stores that would need long for this omit the method. */
  refsNow?(id: number): ReadonlyMap<string, string>
  /**
   * Sets a ref to a commit, or deletes it (`sha` null). With `expected` it does so only if the ref has that value; null means that the ref must not exist.
   * Returns true if the ref was updated.
   */
  updateRef(id: number, ref: string, sha: string | null, expected?: string | null): Promise<boolean>

  /** Returns the commit with this SHA, or with this unique SHA prefix (at least 4 digits). */
  readCommit(id: number, sha: string): Promise<GitCommit | null>
  /** Returns the commits reachable from `sha`, newest first. With `path`, only those that changed the path. */
  history(id: number, sha: string, page: { skip: number; limit: number; path?: string }): Promise<GitCommit[]>
  /** Whether `ancestor` is reachable from `descendant`; a commit is its own ancestor. */
  isAncestor(id: number, ancestor: string, descendant: string): Promise<boolean>
  /** Returns the number of commits reachable from `head` and not from `base`. */
  countAhead(id: number, base: string, head: string): Promise<number>
  /** Returns the commits reachable from `head` and not from `base`, oldest first. Null: all that are reachable from `head`. */
  commitsBetween(id: number, base: string | null, head: string): Promise<GitCommit[]>
  mergeBase(id: number, a: string, b: string): Promise<string | null>
  diffSize(id: number, from: string, to: string): Promise<DiffSize>
  /** Returns the files that commits change, each compared with its first parent, by SHA. A commit that changes none may be missing. */
  changedPaths(id: number, commits: readonly GitCommit[]): Promise<ReadonlyMap<string, ChangedPaths>>

  /** Returns the entries of a folder (`''`: the root) in git's order, or null if there is no such folder. */
  listTree(id: number, commit: string, path: string): Promise<TreeEntry[] | null>
  readFile(id: number, commit: string, path: string): Promise<GitFile | null>

  /** Creates a commit from the tree of `parents[0]` (or an empty tree) with `changes`. Moves no ref. Returns its SHA. */
  commit(id: number, parents: string[], changes: FileChanges, commit: NewCommit): Promise<string>
  /** Creates a commit with the tree of another commit. Moves no ref. Returns its SHA. */
  commitTree(id: number, treeOf: string, parents: string[], commit: NewCommit): Promise<string>
  /** Merges `head` into `base` and returns a commit with the given parents, or null if they conflict. Moves no ref. */
  merge(id: number, base: string, head: string, parents: string[], commit: NewCommit): Promise<string | null>
  /** Makes a commit of one repository, with its history, available in another. */
  copyCommit(from: number, to: number, sha: string): Promise<void>

  /** Writes the tree of a commit into an existing empty folder. The disk store creates a clone with `origin` and with `branch` checked out. */
  checkout(id: number, sha: string, target: { directory: string; branch: string | null; origin: string }): Promise<void>

  /** Git's smart HTTP protocol, or null if the store does not support it. */
  http: GitHttp | null
}

/** The two halves of git's smart HTTP protocol, without authentication. `protocol` is the request's Git-Protocol header. */
export interface GitHttp {
  advertise(id: number, service: GitService, protocol: string | null): Promise<Uint8Array>
  serve(id: number, service: GitService, request: Uint8Array, protocol: string | null): Promise<Uint8Array>
}

export type GitService = 'git-upload-pack' | 'git-receive-pack'

/** Whether git accepts this as the full name of a ref (rules of git-check-ref-format). */
export function isRefName(ref: string): boolean {
  if (!ref.startsWith('refs/') || ref.endsWith('/') || ref.endsWith('.') || ref.includes('//')) return false
  if (ref.includes('..') || ref.includes('@{')) return false
  if (
    Array.from(ref).some((character) => character <= ' ' || character === '\u007f' || '~^:?*[\\'.includes(character))
  ) {
    return false
  }
  return ref
    .split('/')
    .every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock') && !part.startsWith('-'))
}

/** Whether a git tree can contain this path: relative, without `.`, `..`, `.git`, empty segments or NUL. */
export function isTreePath(path: string): boolean {
  if (path === '' || path.includes('\0')) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git')
}
