import { sanitize } from '../../lib/sanitize.js'
import { displayWidth } from '../../lib/text-width.js'
import { maxPrintedDiagnostics } from '../../model/diagnostic.js'
import type { Diagnostic } from '../../model/diagnostic.js'

/** Characters of a source line that are shown. */
const maxLineLength = 100
/** Characters shown before the position in a line that is longer. */
const contextBefore = 30
const tab = '    '

/**
 * The diagnostics for a terminal, without colour and without a final line feed: `file:line:col: message`, the source line with
 * the position underlined, and the hint. At most 50 are printed; the rest is counted.
 * @param text what was parsed, without a byte order mark
 */
export function renderDiagnostics(file: string, text: string, diagnostics: readonly Diagnostic[]): string {
  const printed = diagnostics.slice(0, maxPrintedDiagnostics)
  const lastLine = printed.reduce((last, { line }) => Math.max(last, line), 0)
  const lines = text.split('\n', lastLine)
  const blocks = printed.map((diagnostic) => {
    const { line, column, severity, message, hint } = diagnostic
    const kind = severity === 'warning' ? 'warning: ' : ''
    const head = `${sanitize(file)}:${line}:${column}: ${kind}${sanitize(message)}`
    const excerpt = excerptLines(lines[line - 1] ?? '', diagnostic)
    return [head, ...excerpt, ...(hint === undefined ? [] : [`  ${sanitize(hint)}`])].join('\n')
  })
  const more = diagnostics.length - printed.length
  return [...blocks, ...(more > 0 ? [`and ${more} more`] : [])].join('\n\n')
}

/** The source line, cut around the position if it is long, and the carets below it. Empty for an empty line. */
function excerptLines(source: string, { line, column, length }: Diagnostic): string[] {
  const chars = Array.from(source.replace(/\r$/u, ''))
  if (chars.length === 0) return []
  const start = column - 1
  const from =
    chars.length <= maxLineLength ? 0 : Math.max(0, Math.min(start - contextBefore, chars.length - maxLineLength))
  const to = Math.min(chars.length, from + maxLineLength)
  const end = Math.max(start + 1, Math.min(start + length, to))
  const shown = (until: number): string => (from > 0 ? '…' : '') + printable(chars.slice(from, until))
  const before = displayWidth(shown(start))
  const carets = Math.max(1, displayWidth(shown(end)) - before)
  const margin = `  ${line} | `
  return [
    `${margin}${shown(to)}${to < chars.length ? '…' : ''}`,
    `${' '.repeat(margin.length - 2)}| ${' '.repeat(before)}${'^'.repeat(carets)}`,
  ]
}

function printable(chars: readonly string[]): string {
  return sanitize(chars.join('').replaceAll('\t', tab))
}
