import { runToJson } from '../../../flows/flow-json.js'
import { jsonSafe } from '../../../lib/sanitize.js'
import type { FlowRun } from '../../../model/flow/flow-run.js'
import type { OpenStream } from '../streams.js'

/** What a command prints is not announced between processes, so the run is read this often, ms. */
const readIntervalMs = 500
/** A comment after so many reads without a change keeps proxies from closing the stream. */
const quietReads = 40

/** The stream of a run: the run as it is now, then each change, until it has ended. */
export async function reportRun(
  { write, signal, nextUpdate }: OpenStream,
  read: () => Promise<FlowRun | null>,
): Promise<void> {
  let last = ''
  let unchanged = 0
  while (!signal.aborted) {
    const run = await read()
    if (!run) return
    const json = runToJson(run)
    const data = jsonSafe(json)
    if (data !== last) await write.writeSSE({ event: 'run', data })
    unchanged = data === last ? unchanged + 1 : 0
    last = data
    if (json.endedAt !== null) return
    if (unchanged > 0 && unchanged % quietReads === 0) await write.write(': still here\n\n')
    await nextUpdate(readIntervalMs)
  }
}
