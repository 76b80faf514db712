import { join } from 'node:path'
import { takeLock } from '../../lib/lock-file.js'
import { thisMachine } from '../../lib/process-liveness.js'

/** Thrown when another process uses the state directory. */
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

/** Locks a state directory for this process and returns the function that unlocks it. Throws `StateDirectoryInUse`. */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  const result = await takeLock(join(directory, 'lock'), thisMachine)
  if (result.kind === 'held') throw new StateDirectoryInUse(directory, result.pid)
  return result.release
}
