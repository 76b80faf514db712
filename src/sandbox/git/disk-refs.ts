import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { NO_SHA } from './disk-index.js'
import { gitText, tryGit } from './git-process.js'
import type { GitRef } from './git-store.js'
import { isRefName } from './git-store.js'

/** Returns all refs of a bare repository whose names start with `prefix`, sorted by name; with `sha`, those from which this commit is reachable. */
export async function listRefs(repository: string, prefix: string, sha?: string): Promise<GitRef[]> {
  const contains = sha === undefined ? [] : [`--contains=${sha}`]
  const lines = await gitText(['for-each-ref', '--format=%(objectname) %(refname)', ...contains], { repository })
  return lines.split('\n').flatMap((line) => {
    const name = line.slice(41)
    return line !== '' && name.startsWith(prefix) ? [{ name, sha: line.slice(0, 40) }] : []
  })
}

/** Returns the SHA of a ref by its full name. It reads the files of the repository, because nearly every request asks for a ref. */
export async function resolveRef(repository: string, ref: string): Promise<string | null> {
  if (!isRefName(ref)) return null
  const own = /^([0-9a-f]{40})\n/.exec(await read(join(repository, ref)))?.[1]
  if (own !== undefined) return own
  const packed = (await read(join(repository, 'packed-refs'))).split('\n')
  return packed.find((line) => line.slice(40) === ` ${ref}`)?.slice(0, 40) ?? null
}

/** Sets or deletes a ref; see `GitStore.updateRef`. */
export async function updateRef(
  repository: string,
  { ref, sha, expected }: { ref: string; sha: string | null; expected: string | null | undefined },
): Promise<boolean> {
  const old = expected === undefined ? [] : [expected ?? NO_SHA]
  const change = sha === null ? ['-d', ref, ...old] : [ref, sha, ...old]
  if (sha === null && (await resolveRef(repository, ref)) === null) return false
  const result = await tryGit(['update-ref', '--no-deref', ...change], { repository })
  return result.exitCode === 0
}

/** Returns the text of a file; empty where there is none, as for a ref that is a folder of other refs. */
async function read(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    const isAbsent =
      error instanceof Error &&
      'code' in error &&
      ['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(String(error.code))
    if (isAbsent) return ''
    throw error
  }
}
