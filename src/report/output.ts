/** Where reporters write to. It never throws: an orchestration continues if its reader is gone. */
export interface Output {
  write(text: string): void
  /** The stream has not accepted everything yet: a frame that can be dropped should be. */
  isBusy(): boolean
  /** Resolves when the stream has accepted everything, or the reader is gone. */
  flush(): Promise<void>
}

/** The part of a Node stream that is used; `process.stdout` and every `Writable` have it. */
export interface OutputStream {
  write(text: string, done: (error?: Error | null) => void): boolean
  on(event: 'error', listener: (error: NodeJS.ErrnoException) => void): unknown
  readonly writableNeedDrain: boolean
}

/** Codes of a closed pipe, a closed terminal and a destroyed stream. */
const readerGoneCodes = new Set(['EPIPE', 'EIO', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_WRITE_AFTER_END'])

/**
 * Wraps a stream. Nothing is written after its first error.
 * @param onError called once if that error has another cause than a reader who is gone, such as a full disk
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
    if (!readerGoneCodes.has(error.code ?? '')) onError(error)
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
