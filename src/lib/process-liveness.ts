import { readFileSync } from 'node:fs'

/**
 * Whether a process is alive. Signal 0 only checks that the process exists, also one of another user (EPERM). A killed process exists until
 * its parent waits for it, which in a container may be never: Linux reports such a zombie in /proc.
 */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return isCode(error, 'EPERM')
  }
  return process.platform !== 'linux' || !isZombie(pid)
}

function isZombie(pid: number): boolean {
  try {
    return /^\d+ \(.*\) [ZX] /su.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch (error) {
    // ESRCH: it ended between the two checks. ENOENT: there is no /proc.
    if (isCode(error, 'ESRCH')) return true
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
