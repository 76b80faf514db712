import type { Orchestration } from '../../model/build/orchestration.js'
import type { BuildTimes, Timeline } from '../../model/build/timeline.js'
import { timelineOf } from '../../model/build/timeline.js'
import { axisLine } from './gantt-axis.js'
import { counted } from '../../lib/counted.js'
import { viewJobs } from './job-view.js'
import type { JobView } from './job-view.js'
import { composeLine, cutSign } from '../style.js'
import { paint } from '../paint.js'
import type { Span, ViewOptions } from '../style.js'
import type { Paint } from '../paint.js'
import { paragraph } from './summary.js'
import { formatDuration } from '../time-text.js'
import { column, displayWidth } from '../../lib/text-width.js'

/** Maximum number of builds that are drawn; the others are counted. */
const maxRows = 24
/** Maximum width: a wider chart is hard to read. */
const maxColumns = 80
const durationWidth = 8
/** Bars with fewer columns are not drawn. */
const minBarWidth = 8

const signs = {
  queued: { unicode: '░', ascii: '.' },
  running: { unicode: '█', ascii: '#' },
  bad: { unicode: '✖', ascii: 'x' },
  unfinished: { unicode: '▸', ascii: '>' },
  critical: { unicode: '◆', ascii: '*' },
} as const
type Sign = keyof typeof signs

function signOf(sign: Sign, { unicode }: ViewOptions): string {
  return unicode === false ? signs[sign].ascii : signs[sign].unicode
}

/** A build and the view of its job. */
interface Row extends BuildTimes {
  view: JobView
  isCritical: boolean
}

/** The scale and position of the bars. */
interface Frame {
  startedAt: number
  /** The duration that `width` columns represent, ms. */
  rangeMs: number
  width: number
  nameWidth: number
  hasDurations: boolean
}

/**
 * The builds of an orchestration up to `at` (ms, UTC) as bars over time, as lines: queued, then running, the critical path marked; then
 * the makespan over the critical path. Empty where nothing was dispatched.
 */
export function ganttLines(orchestration: Orchestration, at: number, options: ViewOptions): string[] {
  const timeline = timelineOf(orchestration, at)
  if (timeline.builds.length === 0) return []
  const rows = rowsOf(orchestration, timeline, at)
  const drawn = mostImportant(rows).sort((a, b) => a.dispatchedAt - b.dispatchedAt)
  const frame = frameOf(orchestration, timeline, drawn, options)
  const title = composeLine([{ text: 'Times', paint: 'bold' }], options)
  const summary = paragraph(summaryOf(timeline), '  ', options)
  if (!frame) return ['', title, ...summary]
  const axis = axisLine(frame.rangeMs, frame.width, frame.hasDurations ? durationWidth : 0, options)
  const dim = (lines: string[]): string[] => lines.map((line) => paint(line, 'dim', options))
  return [
    '',
    title,
    ...drawn.map((row) => rowLine(row, frame, options)),
    composeLine([' '.repeat(frame.nameWidth + 4), { text: axis, paint: 'dim' }], options),
    ...dim(paragraph(omittedText(rows, drawn), '  ', options)),
    ...dim(paragraph(legend(drawn, options), '  ', options)),
    ...summary,
  ]
}

function rowsOf(orchestration: Orchestration, { builds, criticalPath }: Timeline, at: number): Row[] {
  const views = viewJobs(orchestration, at)
  const indexes = new Map(orchestration.plan.jobs.map(({ job }, index) => [job, index]))
  const critical = new Set(criticalPath.jobs)
  return builds.flatMap((build) => {
    const view = views[indexes.get(build.job) ?? -1]
    return view ? [{ ...build, view, isCritical: critical.has(build.job) }] : []
  })
}

/** The builds to draw if not all fit: the critical path, then those that did not succeed, are still running, or took longest; in the order given. */
function mostImportant(rows: readonly Row[]): Row[] {
  const weight = (row: Row): number => (row.isCritical ? 4 : 0) + (isBad(row) ? 2 : 0) + (row.isOver ? 0 : 1)
  const byWeight = [...rows].sort((a, b) => weight(b) - weight(a) || durationOf(b) - durationOf(a))
  const chosen = new Set(byWeight.slice(0, maxRows))
  return rows.filter((row) => chosen.has(row))
}

function omittedText(rows: readonly Row[], drawn: readonly Row[]): string {
  const omitted = rows.filter((row) => !drawn.includes(row))
  if (omitted.length === 0) return ''
  const longest = omitted.reduce((most, row) => Math.max(most, durationOf(row)), 0)
  return `and ${counted(omitted.length, 'build')} more, each of ${durationText(longest)} at most`
}

function durationOf({ dispatchedAt, until }: BuildTimes): number {
  return Math.max(0, until - dispatchedAt)
}

/** With a decimal below ten seconds. */
function durationText(ms: number): string {
  return ms < 10_000 ? `${(Math.floor(ms / 100) / 10).toFixed(1)}s` : formatDuration(ms)
}

function isBad({ view }: Row): boolean {
  return view.displayState === 'failed' || view.displayState === 'cancelled'
}

/** null: the bars do not fit. */
function frameOf(
  { startedAt }: Orchestration,
  { makespanMs }: Timeline,
  rows: readonly Row[],
  options: ViewOptions,
): Frame | null {
  const columns = Math.min(options.columns, maxColumns)
  const longest = rows.reduce((most, { view }) => Math.max(most, displayWidth(view.job)), 0)
  const nameWidth = Math.min(longest, Math.max(6, Math.floor(columns * 0.3)))
  // Two columns for the sign, two after the name.
  const room = columns - nameWidth - 4
  const hasDurations = room - durationWidth >= minBarWidth
  const width = hasDurations ? room - durationWidth : room
  return width < minBarWidth ? null : { startedAt, rangeMs: Math.max(1, makespanMs), width, nameWidth, hasDurations }
}

function rowLine(row: Row, frame: Frame, options: ViewOptions): string {
  const sign = row.isCritical ? signOf('critical', options) : ' '
  const bar = barOf(row, frame, options)
  const used = bar.reduce((sum, span) => sum + displayWidth(span.text), 0)
  const duration = durationText(durationOf(row)).padStart(durationWidth)
  const name = column(row.view.job, frame.nameWidth, cutSign(options))
  return composeLine(
    [
      { text: `${sign} `, paint: 'bold' },
      name,
      '  ',
      ...bar,
      ...(frame.hasDurations ? [' '.repeat(Math.max(0, frame.width - used)), duration] : []),
    ],
    options,
  )
}

/** The spaces before the bar, its queued part, its running part, and how it ended. */
function barOf(row: Row, { startedAt, rangeMs, width }: Frame, options: ViewOptions): Span[] {
  const columnOf = (at: number): number =>
    Math.min(width, Math.max(0, Math.round(((at - startedAt) / rangeMs) * width)))
  const from = Math.min(width - 1, columnOf(row.dispatchedAt))
  const to = Math.max(from + 1, columnOf(row.until))
  const end: Sign | null = isBad(row)
    ? 'bad'
    : row.isOver && row.view.displayState !== 'left-running'
      ? null
      : 'unfinished'
  const length = to - from - (end ? 1 : 0)
  // A build that ran has a running part, however short it was.
  const mostQueued = row.inProgressAt === null ? length : Math.max(0, to - from - 1)
  const queued = Math.min(length, mostQueued, row.inProgressAt === null ? length : columnOf(row.inProgressAt) - from)
  const part = (sign: Sign, count: number, color: Paint): Span => ({
    text: signOf(sign, options).repeat(Math.max(0, count)),
    paint: color,
  })
  return [
    { text: ' '.repeat(from) },
    part('queued', queued, 'dim'),
    part('running', length - Math.max(0, queued), row.view.paint),
    ...(end ? [part(end, 1, row.view.paint)] : []),
  ]
}

/** The signs that are drawn, and what they mean. */
function legend(rows: readonly Row[], options: ViewOptions): string {
  const entries: readonly [Sign, string, boolean][] = [
    ['critical', 'critical path', rows.some(({ isCritical }) => isCritical)],
    ['queued', 'queued', true],
    ['running', 'running', true],
    ['bad', 'did not succeed', rows.some(isBad)],
    ['unfinished', 'still running', rows.some((row) => !row.isOver || row.view.displayState === 'left-running')],
  ]
  return entries
    .filter(([, , isDrawn]) => isDrawn)
    .map(([sign, text]) => `${signOf(sign, options)} ${text}`)
    .join(', ')
}

function summaryOf({ builds, makespanMs, criticalPath: { ms } }: Timeline): string {
  const soFar = builds.every(({ isOver }) => isOver) ? '' : ' so far'
  const ratio = ms === 0 ? '' : `, ${(makespanMs / ms).toFixed(2)} times the critical path of ${durationText(ms)}`
  return `makespan${soFar} ${durationText(makespanMs)}${ratio}`
}
