import { sanitize } from '../../lib/sanitize.js'
import type { WorkerJson, WorkersJson } from '../../model/wire/workloads.js'
import type { ViewOptions } from '../style.js'
import { formatAgo } from '../time-text.js'
import { renderTable } from './table.js'

const titles = ['worker', 'state', 'host', 'pid', 'heartbeat', 'workloads']

/** `orch workers`: a table with a line for each worker, in the order given. `now`: ms, UTC. Ends with a newline. */
export function renderWorkers({ items }: WorkersJson, now: number, options: ViewOptions): string {
  if (items.length === 0) return 'There are no workers; orch serve and orch worker start some.\n'
  return renderTable(
    titles,
    items.map((worker) => cellsOf(worker, now)),
    options,
  )
}

function cellsOf({ id, state, host, pid, heartbeatAt, workloads }: WorkerJson, now: number): string[] {
  const ids = workloads.length === 0 ? '-' : workloads.map(sanitize).join(', ')
  return [sanitize(id), state, sanitize(host), String(pid), formatAgo(Date.parse(heartbeatAt), now), ids]
}
