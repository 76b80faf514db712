import { mkdirSync, readFileSync, readdirSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { thisMachine } from '../../src/lib/process-liveness.js'

const memory = '/dev/shm'
/** The databases of the tests take some hundred megabytes; a container often has 64 MB. */
const leastFreeBytes = 2 * 1024 ** 3

/**
 * The folder for the temporary files of this process: in memory where the system has room there, because a disk lets each line of a journal wait.
 * It is removed at the end of the process, like those of processes that were killed.
 */
export function temporaryFolder(): string {
  const parent = process.env['TMPDIR'] === undefined && isUsable() ? memory : tmpdir()
  for (const name of readdirSync(parent)) {
    const [, pid] = /^orch-tests-(\d+)$/u.exec(name) ?? []
    if (pid !== undefined && !thisMachine.isAlive(Number(pid))) remove(join(parent, name))
  }
  const folder = join(parent, `orch-tests-${process.pid}`)
  // Searchable for others, because PostgreSQL is started as another user.
  mkdirSync(folder, { recursive: true, mode: 0o711 })
  process.once('exit', () => remove(folder))
  return folder
}

/** Linux only. Tests start programs that they write, which some containers do not allow in memory. */
function isUsable(): boolean {
  if (process.platform !== 'linux') return false
  const mounts = readFileSync('/proc/mounts', 'utf8').split('\n')
  const [, , , options = 'noexec'] = mounts.find((line) => line.split(' ')[1] === memory)?.split(' ') ?? []
  if (options.split(',').some((option) => option === 'noexec' || option === 'ro')) return false
  const { bavail, bsize } = statfsSync(memory)
  return bavail * bsize >= leastFreeBytes
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true })
}
