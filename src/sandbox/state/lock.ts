import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive } from '../../lib/process-liveness.js'

/** Thrown when another process has the state directory. */
export class StateDirectoryInUse extends Error {
  override readonly name = 'StateDirectoryInUse'
  readonly pid: number

  constructor(directory: string, pid: number) {
    super(
      `The sandbox in ${directory} is already running as process ${pid}. Use that one, or stop it (kill ${pid}) and start again.`,
    )
    this.pid = pid
  }
}

/** Directories that this process has, which its pid alone could not tell apart. */
const held = new Set<string>()

/** Takes a state directory for this process; a lock left by a process that is gone is taken over. Returns what gives it back. */
export function lockDirectory(directory: string): () => void {
  const path = join(directory, 'lock')
  if (held.has(path)) throw new StateDirectoryInUse(directory, process.pid)
  const fresh = join(directory, `lock.${process.pid}`)
  writeFileSync(fresh, `${process.pid}\n`)
  try {
    takeLock(directory, path, fresh)
  } finally {
    rmSync(fresh, { force: true })
  }
  held.add(path)
  return () => {
    held.delete(path)
    rmSync(path, { force: true })
  }
}

function takeLock(directory: string, path: string, fresh: string): void {
  for (let tries = 0; tries < 3; tries++) {
    if (linked(fresh, path)) return
    const owner = ownerOf(path)
    if (owner !== null && owner !== process.pid && isAlive(owner)) throw new StateDirectoryInUse(directory, owner)
    removeStale(directory, path, owner, fresh)
  }
  throw new StateDirectoryInUse(directory, ownerOf(path) ?? 0)
}

/**
 * Removes a lock that nobody living has. Of several that find it only one may, under a lock of its own, and only while it is still the same: else it
 * could be the fresh lock of whoever was faster.
 */
function removeStale(directory: string, path: string, stale: number | null, fresh: string): void {
  const takeover = join(directory, 'lock.takeover')
  if (!linked(fresh, takeover)) {
    const other = ownerOf(takeover)
    if (other !== null && other !== process.pid && isAlive(other)) throw new StateDirectoryInUse(directory, other)
    rmSync(takeover, { force: true })
    return
  }
  try {
    if (ownerOf(path) === stale) rmSync(path, { force: true })
  } finally {
    rmSync(takeover, { force: true })
  }
}

/** Links, which unlike writing fails if the lock exists, and never shows a lock without its pid. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

function ownerOf(path: string): number | null {
  try {
    const pid = Number(readFileSync(path, 'utf8'))
    return Number.isSafeInteger(pid) && pid > 0 ? pid : null
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
