/** What reporters write to. It never throws: a reader who left does not stop an orchestration. */
export interface Output {
  write(text: string): void
  /** The stream has not taken what it was given yet: a frame that can be left out should be. */
  isBusy(): boolean
  /** Resolves when everything written is handed over, or when the reader is gone. */
  flush(): Promise<void>
}

/** The part of a Node stream that is needed; `process.stdout` and every `Writable` are one. */
export interface OutputStream {
  write(text: string, done: (error?: Error | null) => void): boolean
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
  readonly writableNeedDrain: boolean
}

/** How a stream says that its reader left: a closed pipe, a closed terminal, a stream that was destroyed. */
const readerLeft = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])

/**
 * Wraps a stream. After its first error nothing is written any more.
 * @param onError called once when that error is not just a reader who left (a full disk, say).
 */
export function createOutput(stream: OutputStream, onError: (error: Error) => void): Output {
  let isBroken = false
  let pending = 0
  let waiting: (() => void)[] = []
  const release = (): void => {
    for (const resolve of waiting) resolve()
    waiting = []
  }
  const fail = (error: NodeJS.ErrnoException): void => {
    if (isBroken) return
    isBroken = true
    if (!readerLeft.has(error.code ?? '')) onError(error)
    release()
  }
  stream.on('error', fail)
  return {
    write(text) {
      if (isBroken || text === '') return
      pending += 1
      stream.write(text, (error) => {
        pending -= 1
        if (error) fail(error)
        else if (pending === 0) release()
      })
    },
    isBusy: () => !isBroken && stream.writableNeedDrain,
    flush: () =>
      pending === 0 || isBroken ? Promise.resolve() : new Promise<void>((resolve) => void waiting.push(resolve)),
  }
}
