import { ServiceError } from '../errors.js'
import type { FlowRunJson } from '../../model/wire/flows.js'

/** The runs that a stream of server-sent events has: each `run` event is the run as JSON. Ends when the stream is cut. */
export async function* readRunStream(response: Response, signal: AbortSignal): AsyncGenerator<FlowRunJson, void, void> {
  if (!response.body) return
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  try {
    for (;;) {
      const part = await read(reader, signal)
      if (part === null) return
      // A part may end between the two characters of a line break.
      text = (text + part).replaceAll('\r\n', '\n')
      for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
        const run = runIn(text.slice(0, end))
        text = text.slice(end + 2)
        if (run) yield run
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}

/** Null: the stream has ended, or was cut. */
async function read(reader: ReadableStreamDefaultReader<string>, signal: AbortSignal): Promise<string | null> {
  try {
    const { done, value } = await reader.read()
    return done ? null : value
  } catch {
    signal.throwIfAborted()
    return null
  }
}

function runIn(block: string): FlowRunJson | null {
  const lines = block.split('\n')
  if (!lines.includes('event: run')) return null
  const data = lines.flatMap((line) => (line.startsWith('data: ') ? [line.slice('data: '.length)] : [])).join('\n')
  try {
    return JSON.parse(data) as FlowRunJson
  } catch (error) {
    throw new ServiceError(200, 'the service sent a run that is not JSON', { cause: error })
  }
}
