import { maxPrintedDiagnostics } from '../model/diagnostic.js'
import type { Diagnostic } from '../model/diagnostic.js'

/** A stretch of the text: UTF-16 offsets from 0, the end exclusive. */
export interface Place {
  start: number
  end: number
}

/** A mistake where it was found; it becomes a `Diagnostic` when its line is counted. */
export interface Problem extends Place {
  severity: 'error' | 'warning'
  message: string
  /** A function where finding the right word costs something: it is asked only for the problems that get printed. */
  hint: string | (() => string | undefined) | undefined
}

const maxUnderlined = 1000

/** Collects the mistakes of one text. The same mistake at the same place counts once, however many aliases lead there. */
export class Problems {
  readonly #found = new Map<string, Problem>()
  #errors = 0

  error(place: Place, message: string, hint?: Problem['hint']): void {
    this.#add({ severity: 'error', start: place.start, end: place.end, message, hint })
  }

  warning(place: Place, message: string, hint?: Problem['hint']): void {
    this.#add({ severity: 'warning', start: place.start, end: place.end, message, hint })
  }

  get hasErrors(): boolean {
    return this.#errors > 0
  }

  /** In the order of the text; `text` is the one the offsets count in. */
  toDiagnostics(text: string): Diagnostic[] {
    const sorted = [...this.#found.values()].sort((a, b) => a.start - b.start)
    const locate = createLocator(text)
    return sorted.map((problem, index) => {
      const hint = typeof problem.hint === 'function' && index >= maxPrintedDiagnostics ? undefined : problem.hint
      const told = typeof hint === 'function' ? hint() : hint
      const { severity, message } = problem
      return { severity, message, ...(told === undefined ? {} : { hint: told }), ...locate(problem) }
    })
  }

  #add(problem: Problem): void {
    const key = `${problem.start} ${problem.message}`
    if (this.#found.has(key)) return
    this.#found.set(key, problem)
    if (problem.severity === 'error') this.#errors += 1
  }
}

/** Line, column and length of places that come in ascending order: one walk through the text serves them all. */
function createLocator(text: string): (place: Place) => Pick<Diagnostic, 'line' | 'column' | 'length'> {
  let offset = 0
  let line = 1
  let column = 1
  return (place) => {
    for (; offset < Math.min(place.start, text.length); offset += 1) {
      if (text[offset] === '\n') {
        line += 1
        column = 1
      } else if (!isLowSurrogate(text, offset)) column += 1
    }
    let length = 0
    const end = Math.min(place.end, text.length, place.start + maxUnderlined)
    for (let at = offset; at < end && text[at] !== '\n' && text[at] !== '\r'; at += 1) {
      if (!isLowSurrogate(text, at)) length += 1
    }
    return { line, column, length: Math.max(1, length) }
  }
}

function isLowSurrogate(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 0xdc00 && code <= 0xdfff && at > 0 && (text.charCodeAt(at - 1) & 0xfc00) === 0xd800
}
