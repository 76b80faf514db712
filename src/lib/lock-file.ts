import { link, readFile, rm, writeFile } from 'node:fs/promises'

/** `held`: another living process has the lock. */
export type LockResult = { kind: 'locked'; release: () => Promise<void> } | { kind: 'held'; pid: number }

/** The processes of this machine; tests provide their own. */
export interface Processes {
  pid: number
  isAlive: (pid: number) => boolean
  /**
   * A word that distinguishes the process with this pid from earlier and later ones, such as its start time; null: there is no such
   * process, or the machine does not report it. Absent: pids alone identify processes.
   */
  startOf?: (pid: number) => string | null
}

/** A living process that has a lock. */
export interface LockOwner {
  pid: number
  /** False: it has the pid in the lock, but it may be a later process with the same pid. */
  isCertain: boolean
}

/** The locks of this process. Its pid alone does not prove them: in a container the next process often gets the same pid. */
const held = new Set<string>()

function keyOf(path: string, pid: number): string {
  return `${pid} ${path}`
}

/** The living process that has the lock, and whether that is certain; null: none. */
export async function findLockOwner(path: string, processes: Processes): Promise<LockOwner | null> {
  const text = await readText(path)
  return text === null ? null : ownerIn(path, text, processes)
}

/** Pids are reused: if the lock records the start of its process, the start must match. */
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
 * Takes the lock file for this process; the lock of a dead process is taken over. It uses a link: unlike a write, a link fails if the lock
 * exists, and the lock is never visible without its pid.
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
 * Removes the lock of a dead process. Of several processes that find it only one may remove it, under a second lock, and only if it is still
 * the same: otherwise it could be the new lock of a faster process. Resolves to the living process that has the second lock; null: the lock
 * was removed, or the caller should retry.
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

/** The pid in the lock, whether or not its process is alive; null: none. */
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
