/** The end of a GitHub: what is under way then is given up. */
export interface Closing {
  isClosed: () => boolean
  onClose: (listener: () => void) => void
  /** Works with a controller that is aborted at the end, if the work is still under way then. */
  during: <T>(work: (controller: AbortController) => Promise<T>) => Promise<T>
}

/** One listener on `signal` for all: Node warns of a leak where a signal has more than ten. */
export function createClosing(signal: AbortSignal | undefined): Closing {
  const underWay = new Set<AbortController>()
  const listeners: (() => void)[] = []
  const isClosed = (): boolean => signal?.aborted ?? false
  signal?.addEventListener('abort', () => {
    for (const controller of underWay) controller.abort()
    for (const listener of listeners) listener()
  })
  return {
    isClosed,
    onClose: (listener) => void listeners.push(listener),
    during: async (work) => {
      const controller = new AbortController()
      if (isClosed()) controller.abort()
      underWay.add(controller)
      try {
        return await work(controller)
      } finally {
        underWay.delete(controller)
      }
    },
  }
}
