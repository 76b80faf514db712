import type { Check, CheckId, CheckStatus } from '../../model/check.js'
import type { RepoName } from '../../model/repo-name.js'
import { listed } from '../../lib/listed.js'
import { sanitize } from '../../lib/sanitize.js'
import { column, displayWidth, pad, wrap } from '../../lib/text-width.js'
import { labelRepositories } from '../repo-label.js'
import type { RepoLabel } from '../repo-label.js'
import { composeLine, cutSign, markSpan } from '../style.js'
import type { Mark, Span, ViewOptions } from '../style.js'
import { paragraph } from './summary.js'

const marks: Record<CheckStatus, Mark> = { ok: 'good', warning: 'warning', failed: 'bad', unknown: 'unknown' }

/** A narrower terminal shows each answer as a paragraph instead of a row. */
const narrowestTable = 60
/** From here on the status is also a word. */
const withWords = 100
const widestRepositories = { narrow: 14, wide: 24 }
const gap = '  '

/** The same answer for several repositories. */
interface Row {
  id: CheckId
  status: CheckStatus
  /** Empty: it is not about repositories. */
  repositories: string
  message: string
  fix: string | null
}

/** `orch doctor`: a table with a row for each answer, equal ones of several repositories in one, and what to do. Ends with a newline. */
export function renderChecks(checks: readonly Check[], options: ViewOptions): string {
  const rows = rowsOf(checks)
  const lines = options.columns < narrowestTable ? rows.flatMap((row) => narrow(row, options)) : table(rows, options)
  return `${[...lines, '', ...paragraph(countsOf(checks), '', options)].join('\n')}\n`
}

function rowsOf(checks: readonly Check[]): Row[] {
  const all = [...new Set(checks.flatMap(({ repository }) => repository ?? []))]
  const label = labelRepositories(all)
  const groups = new Map<string, Check[]>()
  for (const check of checks) {
    const key = JSON.stringify([check.id, check.status, check.message, check.fix, check.repository === null])
    groups.set(key, [...(groups.get(key) ?? []), check])
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (!first) return []
    const { id, status, message, fix } = first
    const repositories = nameRepositories(
      group.flatMap(({ repository }) => repository ?? []),
      all,
      label,
    )
    return [{ id, status, repositories, message: sanitize(message), fix: fix === null ? null : sanitize(fix) }]
  })
}

function nameRepositories(some: readonly RepoName[], all: readonly RepoName[], label: RepoLabel): string {
  return some.length > 1 && some.length === all.length ? `all ${all.length}` : listed(some.map(label))
}

function table(rows: readonly Row[], options: ViewOptions): string[] {
  const widthOf = (title: string, cells: readonly string[]): number =>
    Math.max(displayWidth(title), ...cells.map(displayWidth))
  const word = options.columns < withWords ? 0 : 'warning'.length
  const id = widthOf(
    'Check',
    rows.map((row) => row.id),
  )
  const widest = word === 0 ? widestRepositories.narrow : widestRepositories.wide
  const repositories = Math.min(
    widest,
    widthOf(
      'Repository',
      rows.map((row) => row.repositories),
    ),
  )
  const before = 2 + (word === 0 ? 0 : word + gap.length) + id + gap.length + repositories + gap.length
  const widths = { word, id, repositories, message: Math.max(20, options.columns - before) }
  const title: Span[] = [
    '  '.concat(word === 0 ? '' : pad('', word + gap.length)),
    pad('Check', id + gap.length),
    pad('Repository', repositories + gap.length),
    'Result',
  ].map((text) => ({ text, paint: 'bold' }))
  return [composeLine(title, options), ...rows.flatMap((row) => tableRow(row, widths, options))]
}

interface Widths {
  /** 0: the column is left out. */
  word: number
  id: number
  repositories: number
  message: number
}

function tableRow(row: Row, widths: Widths, options: ViewOptions): string[] {
  const names = wrap(row.repositories, widths.repositories)
  const texts: Span[] = [
    ...wrap(row.message, widths.message).map((text) => ({ text })),
    ...(row.fix === null ? [] : wrap(`fix: ${row.fix}`, widths.message).map(painted)),
  ]
  const { paint } = markSpan(marks[row.status], options)
  return Array.from({ length: Math.max(names.length, texts.length, 1) }, (_, index) => {
    const isFirst = index === 0
    const cells: (Span | string)[] = [
      ...(isFirst ? [markSpan(marks[row.status], options), ' '] : ['  ']),
      ...(widths.word === 0
        ? []
        : [{ text: pad(isFirst ? row.status : '', widths.word), ...(paint ? { paint } : {}) }, gap]),
      pad(isFirst ? row.id : '', widths.id),
      gap,
      column(names[index] ?? '', widths.repositories, cutSign(options)),
      gap,
      texts[index] ?? '',
    ]
    // A word that is too long, such as an address, is left to the terminal.
    return composeLine(cells, { ...options, columns: Infinity })
  })
}

function painted(text: string): Span {
  return { text, paint: 'cyan' }
}

function narrow(row: Row, options: ViewOptions): string[] {
  const whole = { ...options, columns: Infinity }
  const head = paragraph(row.repositories === '' ? row.id : `${row.id} (${row.repositories})`, gap, options)
  const fix = row.fix === null ? [] : paragraph(`fix: ${row.fix}`, gap, options)
  return [
    composeLine([markSpan(marks[row.status], options), (head[0] ?? '').slice(1)], whole),
    ...head.slice(1),
    ...paragraph(row.message, gap, options),
    ...fix.map((line) => composeLine([painted(line)], whole)),
  ]
}

/** `12 ok, 1 warning, 2 failed` */
function countsOf(checks: readonly Check[]): string {
  const words = (['ok', 'warning', 'failed', 'unknown'] as const).flatMap((status) => {
    const count = checks.filter((check) => check.status === status).length
    if (count === 0) return []
    return [status === 'warning' && count > 1 ? `${count} warnings` : `${count} ${status}`]
  })
  return `${words.join(', ')}.`
}
