import { Writable } from 'node:stream'
import { createOutput } from '../../../src/report/output.js'
import type { Output } from '../../../src/report/output.js'

/** A stream that remembers what was written to it, and can be made to fail. */
export class RecordingStream extends Writable {
  text = ''
  failure: NodeJS.ErrnoException | undefined

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (this.failure) return done(this.failure)
    this.text += chunk.toString('utf8')
    done()
  }
}

/** An output that is recorded, with the errors it tells of. */
export function recordOutput(): { output: Output; stream: RecordingStream; errors: Error[] } {
  const stream = new RecordingStream()
  const errors: Error[] = []
  return { output: createOutput(stream, (error) => errors.push(error)), stream, errors }
}
