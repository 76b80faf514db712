import type * as ChildProcess from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Processes } from './lock-file.js'

/** This process, and the others of this machine. */
export const thisMachine: Processes = { pid: process.pid, isAlive, startOf }

/**
 * Whether a process is alive. Signal 0 only checks that the process exists, also one of another user (EPERM). A killed process exists until
 * its parent waits for it, which in a container may be never: Linux reports such a zombie in /proc.
 */
function isAlive(pid: number): boolean {
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

/**
 * When a process started, as one word; null: it does not exist, or this machine does not report it. On Linux the id of the boot and the clock ticks
 * from the boot to the start of the process (field 22 of /proc/<pid>/stat); on other systems what `ps` reports, to the second; on Windows
 * always null.
 */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The program's name, in parentheses, may contain any character.
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
      return ticks === undefined ? null : `${boot}:${ticks}`
    }
    if (process.platform === 'win32') return null
    // Loaded only here: Linux and Windows do not need it, and loading takes milliseconds.
    const { execFileSync } = createRequire(import.meta.url)('node:child_process') as typeof ChildProcess
    const env = { LC_ALL: 'C', TZ: 'UTC' }
    const question = ['-o', 'lstart=', '-p', String(pid)]
    const started = execFileSync('/bin/ps', question, { encoding: 'utf8', env, stdio: 'pipe' }).trim()
    return started === '' ? null : started.replaceAll(/\s+/gu, '-')
  } catch {
    // No such process, or neither /proc nor ps.
    return null
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
