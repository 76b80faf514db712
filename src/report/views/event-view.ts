import { jsonSafe, sanitize } from '../../lib/sanitize.js'
import type { DispatchedEventJson, FlowEventDetailJson, FlowEventJson } from '../../model/wire/flows.js'
import { composeLine } from '../style.js'
import type { ViewOptions } from '../style.js'
import { formatAgo } from '../time-text.js'
import { runLine } from './flow-run-view.js'
import { renderTable } from './table.js'

const titles = ['event', 'type', 'source', 'arrived', '']

/** `orch event list`: a table with a line for each event. `now`: ms, UTC. Ends with a newline. */
export function renderEvents(events: readonly FlowEventJson[], now: number, options: ViewOptions): string {
  if (events.length === 0) return 'There are no events.\n'
  const rows = events.map(({ id, type, source, createdAt, unmatched }) => [
    sanitize(id),
    sanitize(type),
    sanitize(source),
    formatAgo(Date.parse(createdAt), now),
    unmatched === null ? '' : 'started nothing',
  ])
  return renderTable(titles, rows, options)
}

/** What became of an event that was sent, handed on or replayed. Ends with a newline. */
export function renderDispatched({ event, runs }: DispatchedEventJson, options: ViewOptions): string {
  const lines = [composeLine([`event ${sanitize(event.id)}`], options), ...runs.map((run) => runLine(run, options))]
  if (runs.length === 0) {
    lines.push(`It is kept, but started nothing: ${sanitize(event.unmatched ?? 'no flow matches it')}`)
    lines.push('orch event replay matches it again when the flows have changed.')
  }
  return `${lines.join('\n')}\n`
}

/** `orch event show`: the event, its payload and its runs. Ends with a newline. */
export function renderEvent({ event, runs }: FlowEventDetailJson, options: ViewOptions): string {
  const { id, type, source, receivedAt, context, unmatched } = event
  const lines = [
    `event ${sanitize(id)}`,
    `  type ${sanitize(type)} from ${sanitize(source)}, noticed ${receivedAt}`,
    ...context.files.map(({ name }) => `  file ${sanitize(name)}`),
    ...(unmatched === null ? [] : [`  it started nothing: ${sanitize(unmatched)}`]),
  ].map((line) => composeLine([line], options))
  const payload = jsonSafe(event.payload, 2)
    .split('\n')
    .map((line) => `  ${line}`)
  return `${[...lines, ...payload, ...runs.map((run) => runLine(run, options))].join('\n')}\n`
}
