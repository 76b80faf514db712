import { readFileSync } from 'node:fs'

/**
 * Whether a process lives. Signal 0 reaches nobody: it only asks whether the process is there, also one of another user (EPERM). A process that
 * was killed stays there until its parent takes note, which in a container may be never: Linux says so in /proc.
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
    // It ended between the two questions; without /proc nobody can say.
    if (isCode(error, 'ESRCH')) return true
    if (isCode(error, 'ENOENT')) return false
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
