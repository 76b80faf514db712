import { link, readFile, rm, writeFile } from 'node:fs/promises'

/** `held`: another living process writes this journal. */
export type LockResult = { kind: 'locked'; release: () => Promise<void> } | { kind: 'held'; pid: number }

/** What tells processes apart; a test gives its own. */
export interface Processes {
  pid: number
  isAlive: (pid: number) => boolean
  /**
   * One word that a process with this pid shares with no earlier or later one, such as the moment of its start; null: no such process, or
   * this machine does not tell. Left out: pids alone tell.
   */
  startOf?: (pid: number) => string | null
}

/** A living process that has a lock. */
export interface LockOwner {
  pid: number
  /** False: it has the pid that stands in the lock, but that it is the process that took the lock cannot be told. */
  isCertain: boolean
}

/** The locks that this process has. Its pid alone would not tell: in a container the next process often gets the same one. */
const held = new Set<string>()

function keyOf(path: string, pid: number): string {
  return `${pid} ${path}`
}

/** Pid of the living process that has the lock; null: none has. */
export async function lockOwner(path: string, processes: Processes): Promise<number | null> {
  return (await findLockOwner(path, processes))?.pid ?? null
}

/** The living process that has the lock, and how sure that is; null: none has. */
export async function findLockOwner(path: string, processes: Processes): Promise<LockOwner | null> {
  const text = await readText(path)
  return text === null ? null : ownerIn(path, text, processes)
}

/** A pid is given to another process once its own has ended: where the lock tells when that one started, the start must be the same. */
function ownerIn(path: string, text: string, processes: Processes): LockOwner | null {
  const pid = pidIn(text)
  if (pid === null) return null
  if (pid === processes.pid) return held.has(keyOf(path, pid)) ? { pid, isCertain: true } : null
  if (!processes.isAlive(pid)) return null
  const recorded = startIn(text)
  const actual = processes.startOf?.(pid) ?? null
  if (recorded === null || actual === null) return { pid, isCertain: false }
  return recorded === actual ? { pid, isCertain: true } : null
}

/**
 * Takes the lock file for this process; one that a dead process left behind is taken over. A link, unlike a write, fails where a lock
 * stands already, and never shows one without its pid.
 */
export async function takeLock(path: string, processes: Processes): Promise<LockResult> {
  const fresh = `${path}.${processes.pid}`
  await writeFile(fresh, `${processes.pid}\n${processes.startOf?.(processes.pid) ?? ''}\n`, { mode: 0o600 })
  try {
    for (let tries = 0; tries < 5; tries += 1) {
      if (await isLinked(fresh, path)) {
        held.add(keyOf(path, processes.pid))
        return { kind: 'locked', release: () => release(path, processes.pid) }
      }
      const found = await readText(path)
      if (found === null) continue
      const owner = ownerIn(path, found, processes)
      if (owner) return { kind: 'held', pid: owner.pid }
      const other = await removeStale(path, found, fresh, processes)
      if (other !== null) return { kind: 'held', pid: other }
    }
    return { kind: 'held', pid: (await readLock(path)) ?? 0 }
  } finally {
    await rm(fresh, { force: true })
  }
}

/**
 * Removes the lock of a dead process. Of several that find it only one may, under a lock of its own, and only while it is still that one: else
 * it could be the fresh lock of whoever was faster. Resolves to the living process that is at it; null: done, or worth another try.
 */
async function removeStale(path: string, stale: string, fresh: string, processes: Processes): Promise<number | null> {
  const takeover = `${path}.takeover`
  if (!(await isLinked(fresh, takeover))) {
    const other = await readLock(takeover)
    if (other !== null && other !== processes.pid && processes.isAlive(other)) return other
    await rm(takeover, { force: true })
    return null
  }
  try {
    if ((await readText(path)) === stale) await rm(path, { force: true })
  } finally {
    await rm(takeover, { force: true })
  }
  return null
}

async function release(path: string, pid: number): Promise<void> {
  held.delete(keyOf(path, pid))
  if ((await readLock(path)) === pid) await rm(path, { force: true })
}

/** The process that has the lock; null: none. Whether it lives is another question. */
export async function readLock(path: string): Promise<number | null> {
  const text = await readText(path)
  return text === null ? null : pidIn(text)
}

function pidIn(text: string): number | null {
  const pid = Number(text.split('\n', 1)[0]?.trim())
  return Number.isInteger(pid) && pid > 0 ? pid : null
}

function startIn(text: string): string | null {
  const start = text.split('\n')[1]?.trim() ?? ''
  return start === '' ? null : start
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT')) return null
    throw error
  }
}

async function isLinked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
