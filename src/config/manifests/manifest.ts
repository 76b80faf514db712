/** A registry of packages. Gradle resolves packages of Maven. */
export type Ecosystem = 'npm' | 'maven' | 'go' | 'cargo' | 'pypi'

/** Something outside its repository that a file names. */
export type Mention = {
  /** As the file names it: untrusted text. */
  text: string
  /** From 1. */
  line: number
} & (
  | { kind: 'package'; ecosystem: Ecosystem; name: string }
  /** A repository by its address. `owner` null: the address is relative, so that the owner is that of the file's own repository. */
  | { kind: 'repository'; owner: string | null; name: string }
  /** A container image, without its tag and digest. */
  | { kind: 'image'; name: string }
)

/** The packages that a repository publishes, and what it names, as one of its files says. */
export interface Manifest {
  packages: readonly { ecosystem: Ecosystem; name: string }[]
  mentions: readonly Mention[]
}

export type ManifestReading = { ok: true; manifest: Manifest } | { ok: false; problem: string }

/** Reads one kind of file. `sibling`: the text of another file of the same folder; undefined: there is none. */
export type ManifestReader = (text: string, sibling: (path: string) => string | undefined) => ManifestReading

export function manifestOf(manifest: Partial<Manifest>): ManifestReading {
  return { ok: true, manifest: { packages: manifest.packages ?? [], mentions: manifest.mentions ?? [] } }
}

export function notReadable(problem: string): ManifestReading {
  return { ok: false, problem }
}

/** The line of an offset in a text with `\n` as its line breaks. */
export function createLineIndex(text: string): (offset: number) => number {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? Infinity) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

/** The name of a container image without its tag and digest, such as `ghcr.io/acme/base`. */
export function imageName(image: string): string {
  return image.replace(/@.*$/u, '').replace(/:[^:/]*$/u, '')
}
