/** The shutdown of a GitHub client: from then on nothing is sent and no pending request settles, so that no caller sees the shutdown as a failure. */
export interface Shutdown {
  isShutDown: () => boolean
  onShutdown: (listener: () => void) => void
  /** Runs work with a controller that is aborted at shutdown; work that is in flight then never settles. */
  during: <T>(work: (controller: AbortController) => Promise<T>) => Promise<T>
}

/** All work shares one listener on `signal`: Node warns of a leak if a signal has more than ten. */
export function createShutdown(signal: AbortSignal | undefined): Shutdown {
  const underWay = new Set<AbortController>()
  const listeners: (() => void)[] = []
  const isClosed = (): boolean => signal?.aborted ?? false
  signal?.addEventListener('abort', () => {
    for (const controller of underWay) controller.abort()
    for (const listener of listeners) listener()
  })
  return {
    isShutDown: isClosed,
    onShutdown: (listener) => void listeners.push(listener),
    during: async (work) => {
      if (isClosed()) return never()
      const controller = new AbortController()
      underWay.add(controller)
      try {
        return await unlessShutDown(isClosed, work(controller))
      } finally {
        underWay.delete(controller)
      }
    },
  }
}

/** A promise that never settles. Nothing references it, so its waiters can be collected. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}

function unlessShutDown<T>(isClosed: () => boolean, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    work.then(
      (value) => {
        if (!isClosed()) resolve(value)
      },
      (error: unknown) => {
        if (!isClosed()) reject(error instanceof Error ? error : new Error(String(error), { cause: error }))
      },
    )
  })
}
