import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import type { Stats } from 'node:fs'
import { getSystemErrorMap } from 'node:util'
import { failureText } from './failure-text.js'

/** Opening a named pipe for reading would wait for its writer otherwise. */
export const openForReading = constants.O_RDONLY | constants.O_NONBLOCK

const mebibyte = 1024 * 1024

/**
 * The content of a regular file of at most `maxBytes`. Throws the error of the system, or one that says that the file is no regular one
 * (a device, a pipe or a folder: their content may have no end) or too large; each has a `code`. Synchronous: `fs/promises` would have to be
 * loaded for small files that are read before anything else.
 */
export function readRegularFile(path: string, maxBytes: number): Buffer {
  const file = openSync(path, openForReading)
  try {
    checkRegular(fstatSync(file), maxBytes)
    return readFileSync(file)
  } finally {
    closeSync(file)
  }
}

/** Throws as `readRegularFile` does. */
export function checkRegular(stats: Stats, maxBytes: number): void {
  if (!stats.isFile()) throw unsuitable(stats.isDirectory() ? 'it is a folder' : 'it is not a regular file')
  if (stats.size > maxBytes) throw unsuitable(`it is larger than ${Math.round(maxBytes / mebibyte)} MiB`)
}

function unsuitable(why: string): Error {
  return Object.assign(new Error(why), { code: 'ERR_UNSUITABLE_FILE' })
}

/** Why a file could not be read or written, as a clause: `no such file or directory`. */
export function fileProblem(error: unknown): string {
  const errno = error instanceof Error && 'errno' in error ? error.errno : undefined
  const known = typeof errno === 'number' ? getSystemErrorMap().get(errno) : undefined
  return known ? known[1] : failureText(error)
}

/** Whether nothing is at a path. */
export function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}
