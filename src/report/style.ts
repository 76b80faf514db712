import { webAddress } from '../lib/sanitize.js'
import { paint } from './paint.js'
import type { Paint } from './paint.js'
import { cut, displayWidth } from '../lib/text-width.js'

/** What the output supports. */
export interface ViewOptions {
  color: boolean
  /** Width of the terminal in columns. */
  columns: number
  /** False: ASCII only, except for text from outside. Default true. */
  unicode?: boolean
  /** OSC 8 links behind the text. Default false. */
  hyperlinks?: boolean
}

/** A piece of a line: sanitized text, optionally painted or linked. */
export interface Span {
  text: string
  paint?: Paint
  /** Address behind the text if links are on. */
  url?: string
}

function hyperlink(text: string, url: string | undefined, options: ViewOptions): string {
  const address = options.hyperlinks === true && url !== undefined ? webAddress(url) : null
  return address === null ? text : `\u001b]8;;${address}\u001b\\${text}\u001b]8;;\u001b\\`
}

/** Replaces text that was cut; one column wide. */
export function cutSign({ unicode }: Pick<ViewOptions, 'unicode'>): string {
  return unicode === false ? '~' : '…'
}

/** Spans as one line. It is cut at `columns` before it is painted, so that no escape sequence is cut. */
export function composeLine(spans: readonly (Span | string)[], options: ViewOptions): string {
  return measureLine(spans, options).text
}

/** Like `composeLine`, with the columns that the line takes. */
export function measureLine(spans: readonly (Span | string)[], options: ViewOptions): { text: string; width: number } {
  let left = options.columns
  let line = ''
  for (const item of spans) {
    const span = typeof item === 'string' ? { text: item } : item
    const text = cut(span.text, left, cutSign(options))
    line += hyperlink(paint(text, span.paint, options), span.url, options)
    left -= displayWidth(text)
    if (text !== span.text) break
  }
  return { text: line.trimEnd(), width: options.columns - left }
}

/** The sign at the start of a line. */
export type Mark = 'good' | 'bad' | 'skipped' | 'active' | 'waiting' | 'warning' | 'unknown'

const marks: Record<Mark, { unicode: string; ascii: string; paint: Paint }> = {
  good: { unicode: '✔', ascii: '+', paint: 'green' },
  bad: { unicode: '✖', ascii: 'x', paint: 'red' },
  skipped: { unicode: '↓', ascii: '-', paint: 'dim' },
  active: { unicode: '●', ascii: '*', paint: 'cyan' },
  waiting: { unicode: '·', ascii: '.', paint: 'dim' },
  warning: { unicode: '!', ascii: '!', paint: 'yellow' },
  unknown: { unicode: '?', ascii: '?', paint: 'yellow' },
}

export function markSpan(mark: Mark, options: ViewOptions): Span {
  const sign = marks[mark]
  return { text: options.unicode === false ? sign.ascii : sign.unicode, paint: sign.paint }
}
