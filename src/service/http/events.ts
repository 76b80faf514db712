import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import type { Clock } from '../../ports/clock.js'
import { sendProblem } from './answers.js'
import type { HttpEnv } from './http-env.js'

/** Reports that something which the pages show may have changed. */
export interface Updates {
  /** Returns a function that removes the listener. */
  subscribe(listener: () => void): () => void
}

/** A comment this often keeps proxies from closing a quiet stream. */
const heartbeatMs = 20_000
/** Changes that follow each other faster are reported together. */
const pauseMs = 250
const maxStreams = 500

/** The stream of `/events`: one `changed` event for what happened since the one before. */
export interface EventStreams {
  open(c: Context<HttpEnv>): Response
  /** Ends every stream, so that the server can stop. */
  close(): void
}

export function createEventStreams({ updates, clock }: { updates: Updates; clock: Clock }): EventStreams {
  const ends = new Set<AbortController>()
  let isClosed = false
  const open = (c: Context<HttpEnv>): Response => {
    if (isClosed || ends.size >= maxStreams) {
      const detail = 'Too many pages are watching. Reload the page to see what has changed.'
      return sendProblem(c, { status: 503, detail, headers: { 'Retry-After': '30' } })
    }
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'Content-Type': 'text/event-stream' })
    const end = new AbortController()
    ends.add(end)
    c.header('X-Accel-Buffering', 'no')
    return streamSSE(c, async (stream) => {
      stream.onAbort(() => end.abort())
      const state = { isChanged: false, wake: new AbortController() }
      const unsubscribe = updates.subscribe(() => {
        state.isChanged = true
        state.wake.abort()
      })
      const stop = (): void => state.wake.abort()
      end.signal.addEventListener('abort', stop)
      try {
        await stream.write(': open\n\n')
        while (!end.signal.aborted) {
          await clock.sleep(heartbeatMs, state.wake.signal)
          state.wake = new AbortController()
          if (!state.isChanged) await stream.write(': still here\n\n')
          else {
            state.isChanged = false
            await stream.writeSSE({ event: 'changed', data: '' })
            await clock.sleep(pauseMs, end.signal)
          }
        }
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
