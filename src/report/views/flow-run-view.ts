import { sanitize } from '../../lib/sanitize.js'
import type { FlowAttemptJson, FlowRunJson, FlowStepJson } from '../../model/wire/flows.js'
import { composeLine, markSpan } from '../style.js'
import type { Mark, ViewOptions } from '../style.js'
import { formatAgo, formatDuration } from '../time-text.js'
import { renderTable } from './table.js'

const titles = ['run', 'flow', 'status', 'event', 'started']

/** `orch runs list`: a table with a line for each run. `now`: ms, UTC. Ends with a newline. */
export function renderRuns(runs: readonly FlowRunJson[], now: number, options: ViewOptions): string {
  if (runs.length === 0) return 'There are no runs.\n'
  const rows = runs.map(({ id, flow, effectiveStatus, eventId, createdAt }) => [
    id,
    sanitize(flow),
    effectiveStatus,
    sanitize(eventId),
    formatAgo(Date.parse(createdAt), now),
  ])
  return renderTable(titles, rows, options)
}

/** A run on one line: what it is and came to. */
export function runLine(run: FlowRunJson, options: ViewOptions): string {
  const { flow, id, effectiveStatus, attempt, attention } = run
  const again = attempt > 1 ? `, attempt ${attempt}` : ''
  const why = attention === null ? '' : `: ${sanitize(attention)}`
  return composeLine(
    [markSpan(markOf(run), options), ` ${sanitize(flow)} ${id}${again}  ${effectiveStatus}${why}`],
    options,
  )
}

/** `orch runs show`: the run with each attempt and its steps. Ends with a newline. */
export function renderRun(run: FlowRunJson, options: ViewOptions): string {
  const lines = [runLine(run, options), composeLine([`  event ${sanitize(run.eventId)}`], options)]
  for (const attempt of run.attempts) lines.push(...attemptLines(attempt, options))
  if (run.result && run.result.message !== '')
    lines.push(composeLine([`  result: ${sanitize(run.result.message)}`], options))
  lines.push(composeLine([`  orch runs log ${run.id} prints its output`], options))
  return `${lines.join('\n')}\n`
}

function attemptLines(attempt: FlowAttemptJson, options: ViewOptions): string[] {
  const kind = attempt.isReplay ? ' (replay)' : ''
  const head = `  attempt ${attempt.number}${kind}: ${attempt.status}${tookText(attempt)}`
  return [composeLine([head], options), ...attempt.steps.map((step, index) => stepLine(step, index, options))]
}

function stepLine(step: FlowStepJson, index: number, options: ViewOptions): string {
  const message = step.message === '' ? '' : `: ${sanitize(step.message)}`
  const text = ` step ${index + 1}  ${step.status}${tookText(step)}${message}`
  return composeLine(['    ', markSpan(stepMarks[step.status], options), text], options)
}

function tookText({ startedAt, endedAt }: Pick<FlowStepJson, 'startedAt' | 'endedAt'>): string {
  if (startedAt === null || endedAt === null) return ''
  return ` in ${formatDuration(Date.parse(endedAt) - Date.parse(startedAt))}`
}

const stepMarks: Record<FlowStepJson['status'], Mark> = {
  queued: 'waiting',
  running: 'active',
  completed: 'good',
  failed: 'bad',
  cancelled: 'skipped',
}

function markOf({ status, needsAttention, effectiveStatus }: FlowRunJson): Mark {
  if (status !== 'completed') return stepMarks[status]
  if (!needsAttention) return 'good'
  return effectiveStatus === 'failed' ? 'bad' : 'warning'
}
