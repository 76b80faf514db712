import { blobSha } from './git-objects.js'
import type { GitFile } from './git-store.js'
import { mergeLines } from './line-merge.js'

/** Path -> contents. Commits share these maps, so a map must never change. */
export type Tree = ReadonlyMap<string, GitFile>

/** A file with its SHA in git. */
export function storedFile(content: string | Uint8Array): GitFile {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return { content: bytes, sha: blobSha(bytes) }
}

/** Returns the contents of a file as text, or an empty string for a missing file. */
export function text(file: GitFile | undefined): string {
  return file === undefined ? '' : Buffer.from(file.content).toString('utf8')
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
