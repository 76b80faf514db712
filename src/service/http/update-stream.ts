import type { Clock } from '../../ports/clock.js'
import type { OpenStream } from './streams.js'

/** A comment this often keeps proxies from closing a quiet stream. */
const heartbeatMs = 20_000
/** Changes that follow each other faster are reported together. */
const pauseMs = 250

/** The stream of `/updates`: one `changed` event for what happened since the one before. */
export async function reportUpdates({ write, signal, nextUpdate }: OpenStream, clock: Clock): Promise<void> {
  await write.write(': open\n\n')
  while (!signal.aborted) {
    if (await nextUpdate(heartbeatMs)) {
      await write.writeSSE({ event: 'changed', data: '' })
      await clock.sleep(pauseMs, signal)
    } else await write.write(': still here\n\n')
  }
}
