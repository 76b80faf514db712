import type { Event } from '../../model/build/events.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import { changeLines } from './change-lines.js'
import { jobLines } from './job-lines.js'
import type { LineFormatter, LineFormatters, PlainLine } from './plain-line.js'
import { statusLines } from './status-lines.js'

const formatters: LineFormatters<Event['type']> = { ...changeLines, ...statusLines, ...jobLines }

/** Formats an event as lines; an event of no interest to a reader yields none. It remembers its lines, so that none is repeated. */
export type EventFormatter = (event: Event, orchestration: Orchestration) => PlainLine[]

export function createEventFormatter(): EventFormatter {
  const latest = new Map<string, string>()
  return (event, orchestration) => {
    // The formatter is that of the event's own type, which the compiler cannot follow through a table.
    const format = formatters[event.type] as LineFormatter<Event['type']>
    const lines = format(event, orchestration)
    const topic = topicOf(event)
    if (topic === undefined) return lines
    const text = JSON.stringify(lines)
    if (latest.get(topic) === text) return []
    latest.set(topic, text)
    return lines
  }
}

/** The reading that an event belongs to: readings of one topic have the same lines until something changes. */
function topicOf(event: Event): string | undefined {
  switch (event.type) {
    case 'run-observed':
    case 'run-absent':
    case 'observation-failed':
    case 'runs-listed':
    case 'listing-failed':
      return `run ${event.job}`
    case 'verified':
      return `change ${event.stage}`
    default:
      return undefined
  }
}
