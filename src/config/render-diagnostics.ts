import { maxPrintedDiagnostics } from '../model/diagnostic.js'
import type { Diagnostic } from '../model/diagnostic.js'
import { withoutByteOrderMark } from './read-yaml.js'

const maxWidth = 100
const contextBefore = 30
const tabWidth = 4

/**
 * The diagnostics as a terminal shows them, without colour and without a final line feed: `file:line:col: message`, the line with
 * the place underlined, and the hint. At most 50 of them, then how many more there are. `text` is what was parsed.
 */
export function renderDiagnostics(file: string, text: string, diagnostics: readonly Diagnostic[]): string {
  const lines = withoutByteOrderMark(text).split('\n', lastLine(diagnostics))
  const blocks = diagnostics.slice(0, maxPrintedDiagnostics).map((diagnostic) => {
    const { line, column, severity, message, hint } = diagnostic
    const kind = severity === 'warning' ? 'warning: ' : ''
    const head = `${harmless(file)}:${line}:${column}: ${kind}${harmless(message)}`
    const excerpt = renderExcerpt(lines[line - 1] ?? '', diagnostic)
    return [head, ...excerpt, ...(hint === undefined ? [] : [`  ${harmless(hint)}`])].join('\n')
  })
  const more = diagnostics.length - maxPrintedDiagnostics
  return [...blocks, ...(more > 0 ? [`and ${more} more`] : [])].join('\n\n')
}

function lastLine(diagnostics: readonly Diagnostic[]): number {
  return diagnostics.slice(0, maxPrintedDiagnostics).reduce((last, { line }) => Math.max(last, line), 0)
}

/** The line, cut around the place where it is long, and the carets below. An empty line shows nothing. */
function renderExcerpt(line: string, { line: number, column, length }: Diagnostic): string[] {
  const chars = Array.from(line.replace(/\r$/u, ''))
  if (chars.length === 0) return []
  const from = chars.length <= maxWidth ? 0 : Math.max(0, Math.min(column - 1 - contextBefore, chars.length - maxWidth))
  const to = Math.min(chars.length, from + maxWidth)
  const start = column - 1
  const end = Math.max(start + 1, Math.min(start + length, to))
  const lead = from > 0 ? '…' : ''
  const shown = lead + showChars(chars.slice(from, to)) + (to < chars.length ? '…' : '')
  const before = widthOf(lead + showChars(chars.slice(from, start)))
  const under = Math.max(1, widthOf(showChars(chars.slice(start, end))))
  const margin = `  ${number} | `
  return [margin + shown, `${' '.repeat(margin.length - 2)}| ${' '.repeat(before)}${'^'.repeat(under)}`]
}

/** Tabs become four spaces, so that the carets stand where the eye expects them. */
function showChars(chars: readonly string[]): string {
  return chars.map((char) => (char === '\t' ? ' '.repeat(tabWidth) : harmless(char))).join('')
}

/** Control, format and surrogate characters could drive the terminal or turn the line around. */
function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd')
}

const wide =
  /[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]/u

/** Columns on a terminal: East Asian wide characters and emoji take two, combining marks none. */
function widthOf(text: string): number {
  let width = 0
  for (const char of text) width += /\p{M}/u.test(char) ? 0 : wide.test(char) ? 2 : 1
  return width
}
