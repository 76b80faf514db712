import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { SSEStreamingApi } from 'hono/streaming'
import { failureText } from '../../lib/failure-text.js'
import type { Clock } from '../../ports/clock.js'
import type { Log } from '../operations/log.js'
import { sendProblem } from './answers.js'
import type { HttpEnv } from './http-env.js'

/** Reports that something which the pages show may have changed. */
export interface Updates {
  /** Returns a function that removes the listener. */
  subscribe(listener: () => void): () => void
}

const maxStreams = 500

/** An open stream of server-sent events. */
export interface OpenStream {
  write: SSEStreamingApi
  /** Aborted when the reader leaves or the service ends. */
  signal: AbortSignal
  /** Waits for the next update, at most so long. Resolves to whether there was one since the last call. */
  nextUpdate: (timeoutMs: number) => Promise<boolean>
}

/** All streams of server-sent events of this process. */
export interface Streams {
  /** Answers with a stream, which ends when `act` does. */
  open(c: Context<HttpEnv>, act: (stream: OpenStream) => Promise<void>): Response
  /** Ends every stream, so that the server can stop. */
  close(): void
}

export interface StreamsOptions {
  updates: Updates
  clock: Clock
  log: Log
}

export function createStreams({ updates, clock, log }: StreamsOptions): Streams {
  const ends = new Set<AbortController>()
  let isClosed = false
  const open: Streams['open'] = (c, act) => {
    if (isClosed || ends.size >= maxStreams) {
      const detail = 'Too many streams are open. Try again in half a minute.'
      return sendProblem(c, { status: 503, detail, headers: { 'Retry-After': '30' } })
    }
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' })
    const end = new AbortController()
    ends.add(end)
    c.header('X-Accel-Buffering', 'no')
    return streamSSE(c, async (write) => {
      write.onAbort(() => end.abort())
      const state = { isChanged: false, wake: new AbortController() }
      const unsubscribe = updates.subscribe(() => {
        state.isChanged = true
        state.wake.abort()
      })
      end.signal.addEventListener('abort', () => state.wake.abort())
      const nextUpdate = async (timeoutMs: number): Promise<boolean> => {
        if (!end.signal.aborted) await clock.sleep(timeoutMs, state.wake.signal)
        state.wake = new AbortController()
        const { isChanged } = state
        state.isChanged = false
        return isChanged
      }
      try {
        await act({ write, signal: end.signal, nextUpdate })
      } catch (error) {
        // The answer has begun, so that its reader only sees that it ends, and opens it again.
        log.warn({ path: c.req.path, error: failureText(error) }, 'a stream ended')
      } finally {
        unsubscribe()
        ends.delete(end)
      }
    })
  }
  return {
    open,
    close: () => {
      isClosed = true
      for (const end of ends) end.abort()
    },
  }
}
