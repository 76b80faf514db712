import { CST, Lexer } from 'yaml'
import type { Problems } from './problems.js'

/** 1 MB of UTF-8: a graph of 10,000 jobs needs half of it. */
const maxBytes = 1_000_000
const maxNesting = 100

/**
 * Refuses text on which the parser would fail or take long, before it is parsed. Reports at most one problem; true: the text can be parsed.
 * Nesting is checked on the tokens, because 100,000 open brackets make the parser exhaust the memory of the process.
 */
export function isWithinLimits(text: string, problems: Problems): boolean {
  return isSmall(text, problems) && isText(text, problems) && isFlat(text, problems)
}

function isSmall(text: string, problems: Problems): boolean {
  // A UTF-16 unit takes at least one byte, so the length alone refuses a text that is far too large.
  const bytes = text.length > maxBytes ? text.length : new TextEncoder().encode(text).length
  if (bytes <= maxBytes) return true
  const size = (bytes / 1_000_000).toFixed(1)
  problems.error(
    { start: 0, end: 1 },
    `the file is too large: ${size} MB, the limit is 1 MB`,
    'check that it is the right file',
  )
  return false
}

/** Characters that YAML forbids, and those of a file in another encoding (U+FFFD replaces bytes that were not UTF-8). */
const notText = /[\p{Cs}\p{Cc}\ufffd-\uffff]/gu

function isText(text: string, problems: Problems): boolean {
  for (const found of text.matchAll(notText)) {
    const [char] = found
    const isLineBreak = char === '\n' || (char === '\r' && text[found.index + 1] === '\n')
    if (isLineBreak || char === '\t' || char === '\u0085') continue
    const code = (char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    problems.error(
      { start: found.index, end: found.index + 1 },
      `the file is not valid UTF-8 text: it contains the character U+${code}`,
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
/** Tokens that open a level each, even on one line: `- - - a`. */
const nestingIndicators: readonly TokenType[] = ['seq-item-ind', 'explicit-key-ind', 'map-value-ind']
const betweenCommas: readonly TokenType[] = ['space', 'newline', 'comment']

/** Counts brackets and indicators; stops at what the parser would report only after seconds, once for each of a million characters. */
class Shape {
  #brackets = 0
  #indicators = 0
  #directives = 0
  #isAfterComma = false

  /** Message and hint if this token is not allowed here. */
  add(type: TokenType): [message: string, hint: string] | undefined {
    if (this.#isAfterComma && type === 'comma') return ['there is nothing between these commas', 'remove one of them']
    if (!betweenCommas.includes(type)) this.#isAfterComma = type === 'comma'
    if (type === 'flow-map-start' || type === 'flow-seq-start') this.#brackets += 1
    else if (type === 'flow-map-end' || type === 'flow-seq-end') this.#brackets -= 1
    else if (type === 'flow-error-end') this.#brackets = 0
    else if (type === 'directive-line') this.#directives += 1
    else if (type === 'newline') this.#indicators = 0
    else if (this.#brackets === 0 && nestingIndicators.includes(type)) this.#indicators += 1
    if (this.#brackets < 0) return ['this bracket was not opened', 'remove it']
    if (this.#directives > 10) return ['the file contains more than ten directives', 'quote a text that starts with %']
    if (this.#brackets <= maxNesting && this.#indicators <= maxNesting) return undefined
    return ['the file is nested too deeply', `at most ${maxNesting} levels are allowed`]
  }
}
