import { findLockOwner, takeLock } from '../lib/lock-file.js'
import type { LockOwner, LockResult } from '../lib/lock-file.js'
import type { CancelAnswer, CancelRequest } from '../ports/store.js'
import { driverWith } from './processes.js'
import type { StoreProcesses } from './processes.js'

import { cancelLockPath, lockPath } from './paths.js'

/**
 * Interrupts the process that has the lock of an orchestration, as Ctrl-C does, and only once: a second signal would end it before it has
 * cancelled its runs. A lock of the request keeps other processes from interrupting it too.
 */
export function createCancelRequest(stateDirectory: string, id: string, processes: StoreProcesses): CancelRequest {
  const lock = lockPath(stateDirectory, id)
  let turn: LockResult | null = null
  let askedPid: number | null = null
  return {
    send: async () => {
      const owner = await findLockOwner(lock, processes)
      if (!owner) return { kind: 'not-driven' }
      turn ??= await takeLock(cancelLockPath(stateDirectory, id), processes)
      if (turn.kind === 'held' || askedPid === owner.pid) return { kind: 'sent-before', driver: driverWith(owner.pid) }
      const answer = interrupt(owner, { id, lock, processes })
      if (answer.kind === 'sent') askedPid = owner.pid
      return answer
    },
    close: async () => {
      if (turn?.kind === 'locked') await turn.release()
    },
  }
}

/** A process that has just ended counts as interrupted. */
function interrupt(
  { pid, isCertain }: LockOwner,
  { id, lock, processes }: { id: string; lock: string; processes: StoreProcesses },
): CancelAnswer {
  const driver = driverWith(pid)
  if (!isCertain) {
    return {
      kind: 'refused',
      driver,
      problem: `process ${pid} may drive it`,
      why: 'it cannot be determined whether it is the process that took the lock, so it was not interrupted',
      remedy: `If it is an orch, end it: kill -INT ${pid}. If it is not, remove ${lock}. Then cancel again.`,
    }
  }
  if (processes.interrupt(pid) === 'refused') {
    return {
      kind: 'refused',
      driver,
      problem: `process ${pid} drives it and cannot be interrupted`,
      why: 'the system refuses it; the process may belong to another user',
      remedy: `Let its user run orch cancel ${id}, or press Ctrl-C where it runs.`,
    }
  }
  return { kind: 'sent', driver }
}
