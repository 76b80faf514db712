import { CST, Lexer } from 'yaml'
import type { Problems } from './problems.js'

/** 1 MB of UTF-8: a graph of 10,000 jobs needs half of it. */
const maxBytes = 1_000_000
const maxNesting = 100

/**
 * Refuses, before any parsing, text on which the parser would fail or take long. Reports at most one problem; true: go on.
 * Nesting is judged on the tokens, because 100,000 open brackets make the parser end the whole process for lack of memory.
 */
export function isWithinLimits(text: string, problems: Problems): boolean {
  return isSmall(text, problems) && isText(text, problems) && isFlat(text, problems)
}

function isSmall(text: string, problems: Problems): boolean {
  // A UTF-16 unit takes at least one byte, so the length alone refuses what is far too large without looking at it.
  const bytes = text.length > maxBytes ? text.length : new TextEncoder().encode(text).length
  if (bytes <= maxBytes) return true
  const size = (bytes / 1_000_000).toFixed(1)
  problems.error(
    { start: 0, end: 1 },
    `the file is too large: ${size} MB, and at most 1 MB is read`,
    'is it the right file?',
  )
  return false
}

/** What no YAML file may hold, and what only a file of another encoding does (U+FFFD is left where bytes were no UTF-8). */
const notText = /[\p{Cs}\p{Cc}\ufffd-\uffff]/gu

function isText(text: string, problems: Problems): boolean {
  for (const found of text.matchAll(notText)) {
    const [char] = found
    const isLineBreak = char === '\n' || (char === '\r' && text[found.index + 1] === '\n')
    if (isLineBreak || char === '\t' || char === '\u0085') continue
    const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    problems.error(
      { start: found.index, end: found.index + 1 },
      `the file is no UTF-8 text: it holds the character U+${code}`,
      'save it as UTF-8 with line feeds',
    )
    return false
  }
  return true
}

function isFlat(text: string, problems: Problems): boolean {
  const shape = new Shape()
  let offset = 0
  let isScalar = false
  for (const token of new Lexer().lex(text)) {
    const type = isScalar ? 'scalar' : CST.tokenType(token)
    // The lexer marks documents, scalars and unclosed brackets by control characters that are not in the text.
    const isMark: boolean = !isScalar && marks.includes(token)
    isScalar = isMark && token === CST.SCALAR
    const problem = shape.add(type)
    if (problem) {
      problems.error({ start: offset, end: offset + 1 }, ...problem)
      return false
    }
    if (!isMark) offset += token.length
  }
  return true
}

const marks: readonly string[] = [CST.DOCUMENT, CST.FLOW_END, CST.SCALAR]
type TokenType = ReturnType<typeof CST.tokenType>
/** What opens a level each time it stands on one line: `- - - a`. */
const nestingIndicators: readonly TokenType[] = ['seq-item-ind', 'explicit-key-ind', 'map-value-ind']
const betweenCommas: readonly TokenType[] = ['space', 'newline', 'comment']

/** Follows the brackets, and stops at what the parser would only tell after seconds, once for each of a million characters. */
class Shape {
  #brackets = 0
  #indicators = 0
  #directives = 0
  #isAfterComma = false

  /** Message and hint, if the text cannot go on with this token. */
  add(type: TokenType): [message: string, hint: string] | undefined {
    if (this.#isAfterComma && type === 'comma') return ['nothing stands between these commas', 'take one of them out']
    if (!betweenCommas.includes(type)) this.#isAfterComma = type === 'comma'
    if (type === 'flow-map-start' || type === 'flow-seq-start') this.#brackets += 1
    else if (type === 'flow-map-end' || type === 'flow-seq-end') this.#brackets -= 1
    else if (type === 'flow-error-end') this.#brackets = 0
    else if (type === 'directive-line') this.#directives += 1
    else if (type === 'newline') this.#indicators = 0
    else if (this.#brackets === 0 && nestingIndicators.includes(type)) this.#indicators += 1
    if (this.#brackets < 0) return ['this bracket closes nothing', 'take it out']
    if (this.#directives > 10)
      return ['the file holds more than ten directives', 'a text that begins with % needs quotes']
    if (this.#brackets <= maxNesting && this.#indicators <= maxNesting) return undefined
    return ['the file is nested too deeply', `at most ${maxNesting} levels are read`]
  }
}
