import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deflate } from 'node:zlib'

import { git } from './git-process.js'
import type { GitObject, TreeFile } from './git-objects.js'
import { blobObject, FILE_MODE, objectHeader, treeObjects } from './git-objects.js'
import type { FileChanges } from './git-store.js'

const compress = promisify(deflate)

/** The files of a tree by path. A path is kept as latin1, one character for each byte, because git allows paths that are not UTF-8. */
export type TreeFiles = ReadonlyMap<string, TreeFile>

/** Writes an object into a bare repository as git does: a compressed file that appears as a whole. Returns its SHA. */
export async function writeObject(repository: string, object: GitObject): Promise<string> {
  const { sha, content } = object
  const folder = join(repository, 'objects', sha.slice(0, 2))
  const path = join(folder, sha.slice(2))
  if (existsSync(path)) return sha
  await mkdir(folder, { recursive: true })
  const bytes = await compress(Buffer.concat([Buffer.from(objectHeader(object)), content]), { level: 1 })
  const temporary = join(folder, `tmp_obj_${randomUUID()}`)
  await writeFile(temporary, bytes, { mode: 0o444 })
  await rename(temporary, path)
  return sha
}

/** Reads the files of a commit. */
export async function readFiles(repository: string, commit: string): Promise<TreeFiles> {
  const entries = (await git(['ls-tree', '-r', '-z', commit], { repository })).toString('latin1').split('\0')
  const files = entries.filter((entry) => entry !== '')
  return new Map(
    files.map((entry) => {
      const [mode = '', , sha = ''] = entry.slice(0, entry.indexOf('\t')).split(' ')
      return [entry.slice(entry.indexOf('\t') + 1), { mode, sha }]
    }),
  )
}

/** Writes the blobs of changed files and returns the changed tree. A file keeps its mode. */
export async function changeFiles(repository: string, base: TreeFiles, changes: FileChanges): Promise<TreeFiles> {
  const files = new Map(base)
  for (const [name, content] of Object.entries(changes)) {
    const path = Buffer.from(name).toString('latin1')
    if (content === null) {
      files.delete(path)
      continue
    }
    // A path that becomes a file removes the files below it, and a path below a file removes that file.
    for (const other of base.keys()) {
      if (other.startsWith(`${path}/`) || path.startsWith(`${other}/`)) files.delete(other)
    }
    const sha = await writeObject(repository, blobObject(Buffer.from(content)))
    files.set(path, { mode: base.get(path)?.mode ?? FILE_MODE, sha })
  }
  return files
}

/** Writes the folders of a tree and returns the SHA of its root. */
export async function writeTree(repository: string, files: TreeFiles): Promise<string> {
  const objects = treeObjects(files, 'latin1')
  await Promise.all([...objects.values()].map((object) => writeObject(repository, object)))
  return objects.get('')?.sha ?? ''
}
