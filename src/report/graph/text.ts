import type { GraphJob } from '../views/graph-view.js'
import { composeLine } from '../style.js'
import type { Span, ViewOptions } from '../style.js'
import type { Paint } from '../paint.js'
import { displayWidth, pad } from '../../lib/text-width.js'
import { jobTones } from './tone.js'
import type { Tone } from './tone.js'

const paints: Record<Tone, Paint> = { good: 'green', bad: 'red', wait: 'yellow', run: 'cyan', idle: 'dim' }

/** The graph as a table, each job after those that it needs. Ends with a newline. */
export function drawText(jobs: readonly GraphJob[], options: ViewOptions): string {
  const hasStates = jobs.some(({ state }) => state !== '')
  const titles = ['Job', ...(hasStates ? ['State'] : []), 'Needs', 'Repository', 'Workflow']
  const rows = jobs.map((job): Span[] => [
    { text: job.id },
    ...(hasStates ? [{ text: job.state, paint: paints[jobTones[job.displayState]] }] : []),
    { text: job.needs.length === 0 ? '-' : job.needs.join(', ') },
    { text: job.repo },
    { text: job.workflow },
  ])
  const all = [titles.map((text): Span => ({ text, paint: 'bold' })), ...rows]
  const widths = titles.map((_, column) => Math.max(...all.map((cells) => displayWidth(cells[column]?.text ?? ''))))
  const lines = all.map((cells) => {
    const padded = cells.map((cell, column): Span => ({ ...cell, text: pad(cell.text, widths[column] ?? 0) }))
    return composeLine(
      padded.flatMap((cell, column) => (column === 0 ? [cell] : ['  ', cell])),
      options,
    )
  })
  return `${lines.join('\n')}\n`
}
