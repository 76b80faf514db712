import { Writable } from 'node:stream'
import type { Screen } from '../process/screen.js'

/** ESC [ … m */
const colors = new RegExp(String.raw`\u001b\[[0-9;]*m`, 'gu')

/** The terminal of questions, as a stream that reports its size. */
export interface PromptScreen extends Writable {
  readonly columns: number
  readonly rows: number
  readonly isTTY: true
}

/** The library of the questions knows neither NO_COLOR nor our terminal: without `color`, its colors are removed. */
export function createPromptScreen({ stream, size }: Screen, color: boolean): PromptScreen {
  const writable = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      const text = chunk.toString()
      // At once, so that what others write to the same terminal comes after it. Errors of the stream are reported there.
      stream.write(color ? text : text.replaceAll(colors, ''), () => undefined)
      done()
    },
  })
  const properties = {
    columns: { get: () => size().columns },
    rows: { get: () => size().rows },
    isTTY: { value: true },
  }
  return Object.defineProperties(writable, properties) as PromptScreen
}
