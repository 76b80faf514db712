import { displayWidth, pad } from '../../lib/text-width.js'
import { composeLine } from '../style.js'
import type { ViewOptions } from '../style.js'

/** A table with a line for each row and one for the titles. Cells are sanitized text. Ends with a newline. */
export function renderTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  options: ViewOptions,
): string {
  const all = [titles, ...rows]
  const widths = titles.map((_, column) => Math.max(...all.map((row) => displayWidth(row[column] ?? ''))))
  const lines = all.map((row) => {
    const text = row.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  ')
    return composeLine([text.trimEnd()], options)
  })
  return `${lines.join('\n')}\n`
}
