import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { takeLock } from '../../lib/lock-file.js'
import type { Processes } from '../../lib/lock-file.js'
import type { Clock } from '../../ports/clock.js'

export interface FolderLockOptions {
  directory: string
  processes: Processes
  clock: Clock
}

/** How often to look whether another process has released the lock, ms. What is done under it takes some milliseconds. */
const retryMs = 10
const maxWaitMs = 30_000

/** Does one thing after the other in this process, and none while another process does one in the same folder. */
export type WithFolderLock = <T>(act: () => Promise<T>) => Promise<T>

export function createFolderLock({ directory, processes, clock }: FolderLockOptions): WithFolderLock {
  let queue: Promise<unknown> = Promise.resolve()

  const underLock = async <T>(act: () => Promise<T>): Promise<T> => {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const since = clock.now()
    for (;;) {
      const lock = await takeLock(join(directory, 'lock'), processes)
      if (lock.kind === 'locked') {
        try {
          return await act()
        } finally {
          await lock.release()
        }
      }
      if (clock.now() - since > maxWaitMs)
        throw new Error(`process ${lock.pid} has kept ${directory} locked for 30 s. End it, then try again.`)
      await clock.sleep(retryMs)
    }
  }

  return (act) => {
    const result = queue.then(() => underLock(act))
    queue = result.catch(() => undefined)
    return result
  }
}
