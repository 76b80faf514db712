import { createWork } from './work.js'
import type { WorkOptions } from './work.js'

export interface RunWorkerOptions extends WorkOptions {
  /** Ends the worker; its workloads are handed on. */
  signal: AbortSignal
  /** Called when it can execute workloads. */
  onReady: (processId: string) => void
}

/**
 * Executes workloads until it is ended. `lost`: this process was silent for so long that others have taken over its work, so it must end
 * and be started again.
 */
export async function runWorker({ signal, onReady, ...options }: RunWorkerOptions): Promise<'ended' | 'lost'> {
  const { engine, flows } = createWork(options, { roles: [], listensOn: () => null })
  await engine.launch()
  const ending = new AbortController()
  const pruning = flows.prune(ending.signal)
  try {
    onReady(engine.processId)
    const ended = new Promise<'ended'>((resolve) => {
      if (signal.aborted) resolve('ended')
      else signal.addEventListener('abort', () => resolve('ended'), { once: true })
    })
    return await Promise.race([ended, engine.lost.then(() => 'lost' as const)])
  } finally {
    ending.abort()
    await engine.close()
    await pruning
  }
}
