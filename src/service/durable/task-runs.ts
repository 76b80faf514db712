import { handedOn } from './durable.js'
import type { ProcessLease } from './process-lease.js'

/** The time that tasks have to end after their signal has aborted, ms. */
const handOnTimeoutMs = 6_000

/** The tasks that this process executes. */
export interface TaskRuns {
  /**
   * Executes a task while the lease of this process is held, again from its start when the lease was lost and renewed. A task that ended
   * after its signal aborted does not count as done. Never resolves when this process is not the one that finishes the task.
   */
  run(task: (signal: AbortSignal) => Promise<void>): Promise<void>
  isClosed(): boolean
  /** Aborts the signals, and waits until the tasks have ended. */
  close(): Promise<void>
}

export function createTaskRuns(lease: ProcessLease): TaskRuns {
  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()

  const runOnce = async (task: (signal: AbortSignal) => Promise<void>, held: AbortSignal): Promise<boolean> => {
    const signal = AbortSignal.any([held, closing.signal])
    if (signal.aborted) return false
    const result = task(signal).then(
      () => null,
      (error: unknown) => ({ error }),
    )
    running.add(result)
    const failure = await result
    running.delete(result)
    if (wasAborted(signal)) return false
    if (failure) throw failure.error
    return true
  }

  return {
    run: async (task) => {
      for (;;) {
        if (closing.signal.aborted) return new Promise(ignore)
        if (await runOnce(task, await lease.held())) return
      }
    },
    isClosed: () => closing.signal.aborted,
    close: async () => {
      closing.abort(handedOn)
      let timer: NodeJS.Timeout | undefined
      const timeout = new Promise((resolve) => (timer = setTimeout(resolve, handOnTimeoutMs)))
      await Promise.race([Promise.all(running), timeout])
      clearTimeout(timer)
    },
  }
}

/** A function, because the compiler takes the property for unchanged since it was read last. */
function wasAborted(signal: AbortSignal): boolean {
  return signal.aborted
}

function ignore(): void {}
