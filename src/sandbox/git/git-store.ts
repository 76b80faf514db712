/**
 * Where the embedded GitHub keeps git repositories. `disk` drives real bare repositories with the git binary, `memory` keeps commits in maps and is
 * fast enough for thousands of repositories; both give the same SHAs for the same contents.
 */

/** Text, or bytes, of each path that changes; null removes the path. */
export type FileChanges = Record<string, string | Uint8Array | null>

export interface GitPerson {
  name: string
  email: string
}

/** What a new commit is made of. `time` is ms, UTC; git keeps whole seconds. */
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
  /** Full name, such as `refs/heads/main`. */
  name: string
  sha: string
}

export interface TreeEntry {
  /** Name within its folder. */
  name: string
  type: 'file' | 'dir'
  sha: string
  /** Bytes; 0 for a folder. */
  size: number
}

export interface GitFile {
  content: Uint8Array
  /** Of the blob. */
  sha: string
}

/** What distinguishes two commits: which files, and how many lines of them. */
export interface DiffSize {
  files: number
  additions: number
  deletions: number
}

/** Every repository is named by an id that never changes. SHAs are 40 lower-case hex digits; refs are full names that `isRefName` accepted. */
export interface GitStore {
  /** Creates an empty repository whose HEAD is `branch`. */
  createRepository(id: number, branch: string): Promise<void>
  /** Creates `id` with every branch of `parent` and its HEAD. */
  forkRepository(parent: number, id: number): Promise<void>

  /** All refs whose name starts with `prefix`, sorted by name. */
  listRefs(id: number, prefix: string): Promise<GitRef[]>
  resolveRef(id: number, ref: string): Promise<string | null>
  /** All refs of a repository by full name, in a map that never changes; absent where that would take long. */
  refsNow?(id: number): ReadonlyMap<string, string>
  /**
   * Points a ref to a commit, or deletes it (`sha` null). With `expected` (null: the ref must not exist) it does so only if the ref still is there.
   * Returns whether it was done.
   */
  updateRef(id: number, ref: string, sha: string | null, expected?: string | null): Promise<boolean>

  /** The commit with this SHA, or with this unique beginning of one (at least 4 digits). */
  readCommit(id: number, sha: string): Promise<GitCommit | null>
  /** Commits reachable from `sha`, newest first. With `path`, only those that changed it. */
  history(id: number, sha: string, page: { skip: number; limit: number; path?: string }): Promise<GitCommit[]>
  /** Whether `ancestor` is reachable from `descendant`; a commit is its own ancestor. */
  isAncestor(id: number, ancestor: string, descendant: string): Promise<boolean>
  /** Number of commits reachable from `head` and not from `base`. */
  countAhead(id: number, base: string, head: string): Promise<number>
  mergeBase(id: number, a: string, b: string): Promise<string | null>
  diffSize(id: number, from: string, to: string): Promise<DiffSize>

  /** Entries of a folder (`''`: the root) in the order of git, or null if there is no such folder. */
  listTree(id: number, commit: string, path: string): Promise<TreeEntry[] | null>
  readFile(id: number, commit: string, path: string): Promise<GitFile | null>

  /** A commit whose tree is that of `parents[0]` (none: empty) with `changes`. Moves no ref. Returns its SHA. */
  commit(id: number, parents: string[], changes: FileChanges, commit: NewCommit): Promise<string>
  /** A commit with the tree of another commit. Moves no ref. Returns its SHA. */
  commitTree(id: number, treeOf: string, parents: string[], commit: NewCommit): Promise<string>
  /** Merges `head` into `base`: the merged contents as a commit with the given parents, or null where they conflict. Moves no ref. */
  merge(id: number, base: string, head: string, parents: string[], commit: NewCommit): Promise<string | null>
  /** Makes a commit of one repository, with its history, known in another. */
  copyCommit(from: number, to: number, sha: string): Promise<void>

  /** Writes the tree of a commit into an existing empty folder; on disk, as a clone with `origin` and with `branch` checked out. */
  checkout(id: number, sha: string, target: { directory: string; branch: string | null; origin: string }): Promise<void>

  /** Git's smart HTTP protocol; null where there is none. */
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

/** Whether this is a path that a git tree can hold: relative, without `.`, `..`, `.git`, empty parts or NUL. */
export function isTreePath(path: string): boolean {
  if (path === '' || path.includes('\0')) return false
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git')
}
