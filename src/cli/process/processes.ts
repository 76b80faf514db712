import type * as ChildProcess from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAlive } from '../../lib/process-liveness.js'
import type { Context } from './context.js'

/** The processes of this machine. */
export const machineProcesses: Context['processes'] = { pid: process.pid, isAlive, startOf, interrupt }

/**
 * When a process started, as text that distinguishes it from a later process with the same pid. Linux: the boot, and the ticks from it to
 * the start (field 22 of /proc/<pid>/stat); elsewhere the start by `ps`, to the second; on Windows it is not known.
 */
function startOf(pid: number): string | null {
  try {
    if (process.platform === 'linux') {
      const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The name of the program, in parentheses, may contain spaces and parentheses.
      const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
      return ticks === undefined ? null : `${boot}:${ticks}`
    }
    if (process.platform === 'win32') return null
    // Loaded only now: Linux and Windows do not need it, and it takes milliseconds.
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

/** Windows has no signal that lets a process end in order. */
function interrupt(pid: number): 'sent' | 'gone' | 'refused' {
  if (process.platform === 'win32') return 'refused'
  try {
    process.kill(pid, 'SIGINT')
    return 'sent'
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH' ? 'gone' : 'refused'
  }
}
