import { link, readFile, rm, writeFile } from 'node:fs/promises'

/** `held`: another living process writes this journal. */
export type LockResult = { kind: 'locked'; release: () => Promise<void> } | { kind: 'held'; pid: number }

/** What tells processes apart; a test gives its own. */
export interface Processes {
  pid: number
  isAlive: (pid: number) => boolean
}

/**
 * Takes the lock file for this process; one that a dead process left behind is taken over. A link, unlike a write, fails where a lock
 * stands already, and never shows one without its pid.
 */
export async function takeLock(path: string, processes: Processes): Promise<LockResult> {
  const fresh = `${path}.${processes.pid}`
  await writeFile(fresh, `${processes.pid}\n`, { mode: 0o600 })
  try {
    for (let tries = 0; tries < 3; tries += 1) {
      if (await isLinked(fresh, path)) return { kind: 'locked', release: () => rm(path, { force: true }) }
      const pid = await readLock(path)
      if (pid !== null && processes.isAlive(pid)) return { kind: 'held', pid }
      await rm(path, { force: true })
    }
    return { kind: 'held', pid: (await readLock(path)) ?? 0 }
  } finally {
    await rm(fresh, { force: true })
  }
}

/** The process that has the lock; null: none. Whether it lives is another question. */
export async function readLock(path: string): Promise<number | null> {
  try {
    const pid = Number((await readFile(path, 'utf8')).trim())
    return Number.isInteger(pid) && pid > 0 ? pid : null
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
