import { sanitize } from '../../lib/sanitize.js'
import { displayWidth, pad } from '../../lib/text-width.js'
import type { WorkerJson, WorkersJson } from '../../model/wire/workloads.js'
import { composeLine } from '../style.js'
import type { ViewOptions } from '../style.js'
import { formatAgo } from '../time-text.js'

const titles = ['worker', 'state', 'host', 'pid', 'heartbeat', 'workloads']

/** `orch workers`: a table with a line for each worker, in the order given. `now`: ms, UTC. Ends with a newline. */
export function renderWorkers({ items }: WorkersJson, now: number, options: ViewOptions): string {
  if (items.length === 0) return 'There are no workers; orch serve and orch worker start some.\n'
  const rows = [titles, ...items.map((worker) => cellsOf(worker, now))]
  const widths = titles.map((_, column) => Math.max(...rows.map((row) => displayWidth(row[column] ?? ''))))
  const lines = rows.map((row) => {
    const text = row.map((cell, column) => pad(cell, widths[column] ?? 0)).join('  ')
    return composeLine([text.trimEnd()], options)
  })
  return `${lines.join('\n')}\n`
}

function cellsOf({ id, state, host, pid, heartbeatAt, workloads }: WorkerJson, now: number): string[] {
  const ids = workloads.length === 0 ? '-' : workloads.map(sanitize).join(', ')
  return [sanitize(id), state, sanitize(host), String(pid), formatAgo(Date.parse(heartbeatAt), now), ids]
}
