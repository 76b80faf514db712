import { isResultLine, parseResultLine } from '../model/flow/flow-result.js'
import type { FlowResult } from '../model/flow/flow-result.js'
import type { FlowOutput } from '../model/flow/flow-run.js'

/** How much of each stream of an attempt is kept, characters: so many at its beginning and at its end. */
const keptAtEachEnd = 128 * 1024
/** A longer line cannot be a result. */
const maxResultLine = 256 * 1024

/** Collects what the commands of one attempt print, in bounded memory. */
export interface OutputCollector {
  onStdout: (text: string) => void
  onStderr: (text: string) => void
  /** What was printed up to now. */
  output(): FlowOutput
  /** The last result line up to now; null: there was none. A last line without a line break counts. */
  result(): FlowResult | null
}

/** @param before what the earlier steps of the attempt printed */
export function createOutputCollector(before: FlowOutput): OutputCollector {
  const stdout = new KeptText(before.stdout, before.truncated)
  const stderr = new KeptText(before.stderr, before.truncated)
  const results = new ResultLines()
  return {
    onStdout: (text) => {
      stdout.add(text)
      results.add(text)
    },
    onStderr: (text) => stderr.add(text),
    output: () => ({
      stdout: stdout.text(),
      stderr: stderr.text(),
      truncated: before.truncated || stdout.isCut || stderr.isCut,
    }),
    result: () => results.last(),
  }
}

/** The beginning and the end of a text. */
class KeptText {
  #start = ''
  #end = ''
  #cut = 0

  /** @param isCutBefore whether a part of `before` may have been cut already */
  constructor(before: string, isCutBefore: boolean) {
    const cut = isCutBefore ? cutAt(before, keptAtEachEnd) : null
    this.#cut = cut?.characters ?? 0
    this.add(cut ? before.slice(0, keptAtEachEnd) + before.slice(keptAtEachEnd + cut.note.length) : before)
  }

  get isCut(): boolean {
    return this.#cut > 0
  }

  add(text: string): void {
    const room = Math.max(0, keptAtEachEnd - this.#start.length)
    this.#start += text.slice(0, room)
    this.#end += text.slice(room)
    // Cut now and then: each cut copies what is kept.
    if (this.#end.length > 2 * keptAtEachEnd) this.#shorten()
  }

  text(): string {
    this.#shorten()
    const cut = this.isCut ? cutNote(this.#cut) : ''
    // A cut may split a character, and a database refuses NUL.
    return `${this.#start}${cut}${this.#end}`.toWellFormed().replaceAll('\0', '\u{fffd}')
  }

  #shorten(): void {
    const excess = this.#end.length - keptAtEachEnd
    if (excess <= 0) return
    this.#cut += excess
    this.#end = this.#end.slice(excess)
  }
}

function cutNote(characters: number): string {
  return `\n[${characters.toLocaleString('en')} characters were cut here]\n`
}

/** The note of a cut at this index of a text, and how much it says was cut; null: there is none. */
function cutAt(text: string, index: number): { note: string; characters: number } | null {
  const pattern = /\n\[([\d,]+) characters were cut here\]\n/uy
  pattern.lastIndex = index
  const [note, count = ''] = pattern.exec(text) ?? []
  return note === undefined ? null : { note, characters: Number(count.replaceAll(',', '')) }
}

/** Finds result lines in a stream of text. */
class ResultLines {
  #line = ''
  #isTooLong = false
  #last: FlowResult | null = null

  add(text: string): void {
    const [first = '', ...others] = text.split('\n')
    this.#append(first)
    for (const line of others) {
      this.#end()
      this.#append(line)
    }
  }

  last(): FlowResult | null {
    return this.#read() ?? this.#last
  }

  #append(part: string): void {
    if (this.#line.length + part.length > maxResultLine) this.#isTooLong = true
    // Enough of a line that is too long is kept to see whether it begins as a result.
    this.#line = this.#isTooLong ? (this.#line + part).slice(0, 64) : this.#line + part
  }

  #end(): void {
    this.#last = this.#read() ?? this.#last
    this.#line = ''
    this.#isTooLong = false
  }

  #read(): FlowResult | null {
    if (!isResultLine(this.#line)) return null
    if (!this.#isTooLong) return parseResultLine(this.#line.trimEnd())
    return { status: 'failed', message: `the result line is longer than ${maxResultLine} characters`, artifacts: [] }
  }
}
