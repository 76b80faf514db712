import { cutMiddle } from '../../../lib/text-width.js'
import { axisStep, tickLabel } from '../../../report/views/gantt-axis.js'
import { formatDuration } from '../../../report/time-text.js'
import { signs } from '../../../report/graph/tone.js'
import type { Tone } from '../../../report/graph/tone.js'

/** The build of a job over time. All text is sanitized. Times are ms since the start of the orchestration. */
export interface GanttRow {
  job: string
  tone: Tone
  word: string
  dispatchedMs: number
  /** When its run left the queue; null: not observed. */
  inProgressMs: number | null
  endMs: number
  /** Whether it is on the chain of builds that took longest. */
  isCritical: boolean
}

const nameWidth = 150
const barWidth = 520
const timeWidth = 74
const rowHeight = 26
const axisHeight = 24
const nameColumns = 17

/** When the builds of an orchestration ran. The table of its jobs says the same in words. */
export function GanttPicture({ rows, rangeMs }: { rows: readonly GanttRow[]; rangeMs: number }) {
  const range = Math.max(1, rangeMs)
  const xOf = (ms: number): number => nameWidth + (Math.min(range, Math.max(0, ms)) / range) * barWidth
  const height = rows.length * rowHeight + axisHeight
  const width = nameWidth + barWidth + timeWidth
  const words = rows.map(
    ({ job, word, dispatchedMs, endMs }) => `${job}: ${word}, ${formatDuration(endMs - dispatchedMs)}`,
  )
  return (
    <svg
      class="picture"
      role="img"
      aria-labelledby="gantt-title gantt-text"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
    >
      <title id="gantt-title">Builds over time</title>
      <desc id="gantt-text">{words.join('; ')}</desc>
      {ticksOf(range).map((ms) => (
        <g class="tick">
          <line x1={xOf(ms)} x2={xOf(ms)} y1="0" y2={height - axisHeight + 4} />
          <text x={xOf(ms)} y={height - 6}>
            {tickLabel(ms)}
          </text>
        </g>
      ))}
      {rows.map((row, index) => (
        <Bar row={row} y={index * rowHeight} xOf={xOf} />
      ))}
    </svg>
  )
}

function ticksOf(rangeMs: number): number[] {
  const step = axisStep(rangeMs, barWidth, 72)
  return Array.from({ length: Math.floor(rangeMs / step) + 1 }, (_, index) => index * step)
}

function Bar({ row, y, xOf }: { row: GanttRow; y: number; xOf: (ms: number) => number }) {
  const { job, tone, word, dispatchedMs, inProgressMs, endMs, isCritical } = row
  const begin = xOf(dispatchedMs)
  const end = Math.max(begin + 2, xOf(endMs))
  const running = inProgressMs === null ? end : Math.min(end, Math.max(begin, xOf(inProgressMs)))
  const time = formatDuration(endMs - dispatchedMs)
  return (
    <g class={`build ${tone}`}>
      <title>{`${job}: ${word}, ${time}${isCritical ? ', on the critical path' : ''}`}</title>
      <text class="name" x="0" y={y + 17}>
        {`${isCritical ? '◆ ' : ''}${cutMiddle(job, nameColumns)}`}
      </text>
      <rect class="queued" x={begin} y={y + 4} width={running - begin} height={rowHeight - 8} rx="3" />
      <rect class="ran" x={running} y={y + 4} width={end - running} height={rowHeight - 8} rx="3" />
      <text class="state" x={end + 6} y={y + 17}>
        {`${signs[tone]} ${time}`}
      </text>
    </g>
  )
}
