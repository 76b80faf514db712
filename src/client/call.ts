import { TimeoutError } from './errors.js'
import type { CallOptions } from './flow-client.js'

/** A signal for one call, which aborts with what the call shall reject with. */
export interface CallSignal {
  signal: AbortSignal
  /** Must be called when the call has ended. */
  end: () => void
}

export function openCall({ signal, timeoutMs }: CallOptions = {}): CallSignal {
  const controller = new AbortController()
  const abort = (): void => controller.abort(signal?.reason)
  const timer =
    timeoutMs === undefined ? undefined : setTimeout(() => controller.abort(new TimeoutError(timeoutMs)), timeoutMs)
  if (signal?.aborted) abort()
  else signal?.addEventListener('abort', abort, { once: true })
  return {
    signal: controller.signal,
    end: () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    },
  }
}

/** What `act` resolves to, unless the call is aborted before. */
export async function within<T>(
  options: CallOptions | undefined,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal, end } = openCall(options)
  try {
    signal.throwIfAborted()
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
    })
    return await Promise.race([act(signal), aborted])
  } finally {
    end()
  }
}
