import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Stores the contents of artifacts by artifact ID. */
export interface ArtifactContents {
  write(id: number, content: Uint8Array): void
  /** Returns null if there is none. */
  read(id: number): Uint8Array | null
  delete(id: number): void
}

export function createMemoryContents(): ArtifactContents {
  const contents = new Map<number, Uint8Array>()
  return {
    write: (id, content) => void contents.set(id, content),
    read: (id) => contents.get(id) ?? null,
    delete: (id) => void contents.delete(id),
  }
}

/** One file per artifact in a folder. */
export function createDiskContents(directory: string): ArtifactContents {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = (id: number): string => join(directory, String(id))
  return {
    write(id, content) {
      writeFileSync(`${file(id)}.new`, content)
      renameSync(`${file(id)}.new`, file(id))
    },
    read(id) {
      try {
        return readFileSync(file(id))
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
        throw error
      }
    },
    delete: (id) => rmSync(file(id), { force: true }),
  }
}
