import { blobSha, treeShas } from './git-objects.js'
import type { ChangedPaths, DiffSize, GitFile, TreeEntry } from './git-store.js'
import { changedLines, mergeLines } from './line-merge.js'

/** Path -> contents. Commits share these maps, so a map must never change. */
export type Tree = ReadonlyMap<string, GitFile>

/** A file with its SHA in git. */
export function storedFile(content: string | Uint8Array): GitFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return { content: bytes, sha: blobSha(bytes) }
}

/** Returns the contents of a file as text, or an empty string for a missing file. */
function text(file: GitFile | undefined): string {
  return file === undefined ? '' : Buffer.from(file.content).toString('utf8')
}

/** Returns the files that differ between two trees. */
export function changedFiles(before: Tree, after: Tree): ChangedPaths {
  const common = [...after.keys()].filter((path) => before.has(path))
  return {
    added: [...after.keys()].filter((path) => !before.has(path)).sort(),
    removed: [...before.keys()].filter((path) => !after.has(path)).sort(),
    modified: common.filter((path) => before.get(path)?.sha !== after.get(path)?.sha).sort(),
  }
}

export function diffSizeOf(before: Tree, after: Tree): DiffSize {
  const size: DiffSize = { files: 0, additions: 0, deletions: 0 }
  for (const path of new Set([...before.keys(), ...after.keys()])) {
    const [old, now] = [before.get(path), after.get(path)]
    if (old?.sha === now?.sha) continue
    const lines = changedLines(text(old), text(now))
    size.files++
    size.additions += lines.additions
    size.deletions += lines.deletions
  }
  return size
}

/** Returns the entries of a folder (`''`: the root) in git's order, or null if there is no such folder. */
export function listFolder(tree: Tree, path: string): TreeEntry[] | null {
  const folders = treeShas(new Map([...tree].map(([name, file]) => [name, file.sha])))
  if (!folders.has(path)) return null
  const prefix = path === '' ? '' : `${path}/`
  const entries: TreeEntry[] = []
  for (const [name, file] of tree) {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
    if (rest === '' || rest.includes('/')) continue
    entries.push({ name: rest, type: 'file', sha: file.sha, size: file.content.byteLength })
  }
  for (const [name, sha] of folders) {
    const rest = name.startsWith(prefix) ? name.slice(prefix.length) : ''
    if (rest !== '' && !rest.includes('/')) entries.push({ name: rest, type: 'dir', sha, size: 0 })
  }
  const key = (entry: TreeEntry): Buffer => Buffer.from(entry.type === 'dir' ? `${entry.name}/` : entry.name)
  return entries.sort((a, b) => Buffer.compare(key(a), key(b)))
}

/** Merges two trees with a common origin, or returns null if they conflict. */
export function mergeTrees(origin: Tree, ours: Tree, theirs: Tree): Tree | null {
  const merged = new Map<string, GitFile>()
  for (const path of new Set([...origin.keys(), ...ours.keys(), ...theirs.keys()])) {
    const [base, our, their] = [origin.get(path), ours.get(path), theirs.get(path)]
    const chosen = our?.sha === their?.sha || their?.sha === base?.sha ? our : our?.sha === base?.sha ? their : 'both'
    if (chosen === 'both') {
      if (!base || !our || !their) return null
      const lines = mergeLines(text(base), text(our), text(their))
      if (lines === null) return null
      merged.set(path, storedFile(lines))
    } else if (chosen !== undefined) {
      merged.set(path, chosen)
    }
  }
  return merged
}
