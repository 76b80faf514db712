import { rounded } from './measured.js'
import type { Judged, Spread } from './measured.js'
import type { Row } from './table.js'

const times: Record<Row['time'], string> = { real: 'real', virtual: 'virtual', none: '-' }

/** Formats the figures as the Markdown table of docs/performance.md. */
export function markdown(judged: readonly Judged[]): string {
  const lines = judged.map((each) => {
    const { row, spread } = each
    return `| ${[row.work, boundText(row), ...figures(each), spread?.runs ?? '-', times[row.time], verdict(each)].join(' | ')} |`
  })
  const head = ['work', 'bound', 'min', 'median', 'mean', 'max', 'runs', 'time', 'held']
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---|').join('')}`, ...lines].join('\n')
}

/** Formats the figures in columns for a terminal, with the notes below each row. */
export function table(judged: readonly Judged[]): string {
  const head = ['work', 'bound', 'min', 'median', 'mean', 'max', 'runs', 'time', '']
  const cells = judged.map((each) => {
    const { row, spread } = each
    return [
      row.work.replaceAll('`', ''),
      boundText(row),
      ...figures(each),
      spread?.runs ?? '-',
      times[row.time],
      verdict(each),
    ].map(String)
  })
  const widths = head.map((title, column) =>
    Math.max(...[head, ...cells].map((line) => (line[column] ?? '').length), title.length),
  )
  const line = (parts: readonly string[]): string =>
    parts
      .map((part, column) => (column === 0 ? part.padEnd(widths[column] ?? 0) : part.padStart(widths[column] ?? 0)))
      .join('  ')
  return [
    line(head),
    ...judged.flatMap(({ notes }, index) => [line(cells[index] ?? []), ...notes.map((note) => `    ${note}`)]),
  ].join('\n')
}

function figures({ row, spread }: Judged): string[] {
  const shown = (name: keyof Spread): string => (spread ? figure(spread[name], row) : '-')
  return [shown('min'), shown('median'), shown('mean'), shown('max')]
}

function figure(value: number, row: Row): string {
  const unit = row.unit === 'requests' || row.unit === '' ? '' : ` ${row.unit}`
  return `${rounded(value)}${unit}`
}

function boundText(row: Row): string {
  return row.bound === null ? '-' : `${figure(row.bound, row)} (${row.by})`
}

function verdict({ isHeld, spread, notes }: Judged): string {
  if (isHeld !== null) return isHeld ? 'held' : 'missed'
  return spread ? '-' : `not measured: ${notes.join('; ')}`
}
