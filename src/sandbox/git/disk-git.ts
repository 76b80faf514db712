import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { createDiskHttp } from './disk-http.js'
import { createClone } from './disk-clone.js'
import { withIndex } from './disk-index.js'
import { mergeInIndex } from './disk-merge.js'
import { changeFiles, readFiles, writeObject, writeTree } from './disk-objects.js'
import type { TreeFiles } from './disk-objects.js'
import { changedPaths } from './disk-changes.js'
import { listRefs, resolveRef, updateRef } from './disk-refs.js'
import { commitObject, storedCommit } from './git-objects.js'
import { git, gitText, tryGit } from './git-process.js'
import { Memo } from './memo.js'
import type {
  ChangedPaths,
  DiffSize,
  FileChanges,
  GitCommit,
  GitFile,
  GitHttp,
  GitRef,
  GitStore,
  NewCommit,
  TreeEntry,
} from './git-store.js'
import { parseCommits } from './parse-commits.js'

/**
 * The configuration of each bare repository. Git must start no maintenance of its own, because the sandbox may close and its folder may be removed at any time.
 * Any SHA can be fetched, as on github.com. Only the server writes refs/pull.
 */
const CONFIGURATION = `[core]
	repositoryformatversion = 0
	filemode = true
	bare = true
	logAllRefUpdates = false
[gc]
	auto = 0
[maintenance]
	auto = false
[uploadpack]
	allowAnySHA1InWant = true
[receive]
	autogc = false
	fsckObjects = true
	hideRefs = refs/pull
`

/** Bare repositories `<id>.git` in a folder, accessed through the git binary. */
export async function createDiskGit(directory: string): Promise<GitStore> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return new DiskGit(directory)
}

/** The maximum size in bytes of a file in the cache. Workflow files are below it; other committed files may be large. */
const MAX_CACHED_FILE_BYTES = 65_536

/** The maximum number of files of a tree in the cache. */
const MAX_CACHED_TREE_FILES = 1_000

class DiskGit implements GitStore {
  readonly http: GitHttp
  readonly #directory: string
  readonly #commitCache = new Memo<GitCommit>(10_000)
  readonly #fileCache = new Memo<GitFile>(1_000, ({ content }) => content.byteLength <= MAX_CACHED_FILE_BYTES)
  readonly #treeCache = new Memo<TreeFiles>(100, ({ size }) => size <= MAX_CACHED_TREE_FILES)

  constructor(directory: string) {
    this.#directory = directory
    this.http = createDiskHttp((id) => this.#path(id))
  }

  async createRepository(id: number, branch: string): Promise<void> {
    const path = this.#path(id)
    // A process that was killed before it saved the state can leave this folder behind.
    await rm(path, { recursive: true, force: true })
    for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags']) {
      await mkdir(join(path, folder), { recursive: true })
    }
    await writeFile(join(path, 'config'), CONFIGURATION)
    await writeFile(join(path, 'HEAD'), `ref: refs/heads/${branch}\n`)
  }

  async forkRepository(parent: number, id: number): Promise<void> {
    const head = await gitText(['symbolic-ref', 'HEAD'], { repository: this.#path(parent) })
    await this.createRepository(id, head.slice('refs/heads/'.length))
    await git(['fetch', '--quiet', '--no-write-fetch-head', this.#path(parent), '+refs/heads/*:refs/heads/*'], {
      repository: this.#path(id),
    })
  }

  listRefs(id: number, prefix: string): Promise<GitRef[]> {
    return listRefs(this.#path(id), prefix)
  }

  listRefsWith(id: number, prefix: string, sha: string): Promise<GitRef[]> {
    return listRefs(this.#path(id), prefix, sha)
  }

  resolveRef(id: number, ref: string): Promise<string | null> {
    return resolveRef(this.#path(id), ref)
  }

  updateRef(id: number, ref: string, sha: string | null, expected?: string | null): Promise<boolean> {
    return updateRef(this.#path(id), { ref, sha, expected })
  }

  async readCommit(id: number, sha: string): Promise<GitCommit | null> {
    if (!/^[0-9a-f]{4,40}$/.test(sha)) return null
    const read = async (): Promise<GitCommit | null> => (await this.#commits(id, [sha]))[0] ?? null
    return sha.length === 40 ? this.#commitCache.get(`${id}:${sha}`, read) : read()
  }

  async history(id: number, sha: string, page: { skip: number; limit: number; path?: string }): Promise<GitCommit[]> {
    const paths = page.path === undefined ? [] : ['--', page.path]
    const shas = await this.#text(id, ['rev-list', `--skip=${page.skip}`, `--max-count=${page.limit}`, sha, ...paths])
    return shas === '' ? [] : this.#commits(id, shas.split('\n'))
  }

  async isAncestor(id: number, ancestor: string, descendant: string): Promise<boolean> {
    const args = ['merge-base', '--is-ancestor', ancestor, descendant]
    const result = await tryGit(args, { repository: this.#path(id) })
    if (result.exitCode > 1) throw new Error(`git merge-base failed: ${result.stderr.trim()}`)
    return result.exitCode === 0
  }

  async countAhead(id: number, base: string, head: string): Promise<number> {
    return Number(await this.#text(id, ['rev-list', '--count', head, `^${base}`]))
  }

  async commitsBetween(id: number, base: string | null, head: string): Promise<GitCommit[]> {
    const shas = await this.#text(id, ['rev-list', '--reverse', head, ...(base === null ? [] : [`^${base}`])])
    return shas === '' ? [] : this.#commits(id, shas.split('\n'))
  }

  async mergeBase(id: number, a: string, b: string): Promise<string | null> {
    const result = await tryGit(['merge-base', a, b], { repository: this.#path(id) })
    return result.exitCode === 0 ? result.stdout.toString('utf8').trim() : null
  }

  async diffSize(id: number, from: string, to: string): Promise<DiffSize> {
    const text = await this.#text(id, ['diff-tree', '-r', '-z', '--numstat', '--no-renames', from, to])
    const size: DiffSize = { files: 0, additions: 0, deletions: 0 }
    for (const line of text.split('\0').filter((part) => part !== '')) {
      const [additions = '-', deletions = '-'] = line.split('\t')
      size.files++
      // git prints - for binary files.
      size.additions += additions === '-' ? 0 : Number(additions)
      size.deletions += deletions === '-' ? 0 : Number(deletions)
    }
    return size
  }

  changedPaths(id: number, commits: readonly GitCommit[]): Promise<ReadonlyMap<string, ChangedPaths>> {
    return changedPaths(this.#path(id), commits)
  }

  async listTree(id: number, commit: string, path: string): Promise<TreeEntry[] | null> {
    const args = ['ls-tree', '-l', '-z', `${commit}:${path}`]
    const result = await tryGit(args, { repository: this.#path(id) })
    if (/Not a valid object name|not a tree object|does not exist in/.test(result.stderr)) return null
    if (result.exitCode !== 0) throw new Error(`git ls-tree failed: ${result.stderr.trim()}`)
    return parseTree(result.stdout.toString('utf8')).map(({ type, sha, size, name }) => ({
      name,
      type: type === 'tree' ? 'dir' : 'file',
      sha,
      size,
    }))
  }

  readFile(id: number, commit: string, path: string): Promise<GitFile | null> {
    const isExact = /^[0-9a-f]{40}$/.test(commit)
    const read = (): Promise<GitFile | null> => this.#readFile(id, commit, path)
    return isExact ? this.#fileCache.get(`${id}:${commit}:${path}`, read) : read()
  }

  async #readFile(id: number, commit: string, path: string): Promise<GitFile | null> {
    const [entry] = parseTree(await this.#text(id, ['ls-tree', '-l', '-z', commit, '--', path]))
    if (entry?.type !== 'blob') return null
    return { sha: entry.sha, content: await git(['cat-file', 'blob', entry.sha], { repository: this.#path(id) }) }
  }

  async commit(id: number, parents: string[], changes: FileChanges, commit: NewCommit): Promise<string> {
    const repository = this.#path(id)
    const base = parents[0] === undefined ? new Map<string, never>() : await this.#files(id, parents[0])
    const files = await changeFiles(repository, base, changes)
    const sha = await this.#commitTree(id, await writeTree(repository, files), parents, commit)
    await this.#treeCache.get(`${id}:${sha}`, () => Promise.resolve(files))
    return sha
  }

  async commitTree(id: number, treeOf: string, parents: string[], commit: NewCommit): Promise<string> {
    const source = await this.readCommit(id, treeOf)
    if (source === null) throw new Error(`the git repository ${id} has no commit ${treeOf}`)
    return this.#commitTree(id, source.tree, parents, commit)
  }

  async merge(id: number, base: string, head: string, parents: string[], commit: NewCommit): Promise<string | null> {
    const origin = await this.mergeBase(id, base, head)
    return withIndex(this.#path(id), async (index, directory) => {
      const tree = await mergeInIndex(index, directory, { origin, ours: base, theirs: head })
      return tree === null ? null : this.#commitTree(id, tree, parents, commit)
    })
  }

  #commitTree(id: number, tree: string, parents: string[], commit: NewCommit): Promise<string> {
    return writeObject(this.#path(id), commitObject(storedCommit(tree, parents, commit)))
  }

  async #files(id: number, commit: string): Promise<TreeFiles> {
    const read = (): Promise<TreeFiles> => readFiles(this.#path(id), commit)
    const files = await this.#treeCache.get(`${id}:${commit}`, read)
    if (files === null) throw new Error(`the git repository ${id} has no commit ${commit}`)
    return files
  }

  async copyCommit(from: number, to: number, sha: string): Promise<void> {
    if (from === to || (await this.readCommit(to, sha)) !== null) return
    await git(['fetch', '--quiet', '--no-write-fetch-head', this.#path(from), sha], { repository: this.#path(to) })
  }

  async checkout(
    id: number,
    sha: string,
    target: { directory: string; branch: string | null; origin: string },
  ): Promise<void> {
    const source = this.#path(id)
    await createClone(source, target)
    const how = target.branch === null ? ['--detach'] : ['--no-track', '-B', target.branch]
    await git(['checkout', '--quiet', ...how, sha, '--'], { directory: target.directory })
  }

  #path(id: number): string {
    return join(this.#directory, `${id}.git`)
  }

  #text(id: number, args: string[]): Promise<string> {
    return gitText(args, { repository: this.#path(id) })
  }

  async #commits(id: number, shas: string[]): Promise<GitCommit[]> {
    const input = shas.map((sha) => `${sha}^{commit}\n`).join('')
    return parseCommits(await git(['cat-file', '--batch'], { repository: this.#path(id), input }))
  }
}

function parseTree(text: string): { type: string; sha: string; size: number; name: string }[] {
  return text
    .split('\0')
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, type = '', sha = '', size = '-'] = entry.slice(0, entry.indexOf('\t')).split(/ +/)
      return { type, sha, size: size === '-' ? 0 : Number(size), name: entry.slice(entry.indexOf('\t') + 1) }
    })
}
