import { maxPrintedDiagnostics } from '../../model/diagnostic.js'
import type { Diagnostic } from '../../model/diagnostic.js'

/** A range of the text: UTF-16 offsets from 0, the end exclusive. */
export interface Place {
  start: number
  end: number
}

/** A problem with its offsets; it becomes a `Diagnostic` once its line and column are computed. */
export interface Problem extends Place {
  severity: 'error' | 'warning'
  message: string
  /** A function where the hint is expensive: it is called only for the problems that are printed. */
  hint: string | (() => string | undefined) | undefined
}

const maxUnderlined = 1000

/** Collects the problems of one text. The same problem at the same place counts once, however many aliases lead there. */
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

  /** In the order of the text. @param text the text that the offsets refer to */
  toDiagnostics(text: string): Diagnostic[] {
    const sorted = [...this.#found.values()].sort((a, b) => a.start - b.start)
    const locate = createLocator(text)
    return sorted.map((problem, index) => {
      const hint = typeof problem.hint === 'function' && index >= maxPrintedDiagnostics ? undefined : problem.hint
      const shown = typeof hint === 'function' ? hint() : hint
      const { severity, message } = problem
      return { severity, message, ...(shown === undefined ? {} : { hint: shown }), ...locate(problem) }
    })
  }

  #add(problem: Problem): void {
    const key = `${problem.start} ${problem.message}`
    if (this.#found.has(key)) return
    this.#found.set(key, problem)
    if (problem.severity === 'error') this.#errors += 1
  }
}

/** Computes line, column and length of places in ascending order, in one pass through the text. */
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
