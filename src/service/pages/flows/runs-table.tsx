import { attention, effectiveStatus, lastAttempt } from '../../../model/flow/flow-run.js'
import type { FlowRun } from '../../../model/flow/flow-run.js'
import { Badge, runStates } from '../parts/badge.js'
import { Table, none } from '../parts/table.js'
import { Duration, Name, Text, Time } from '../parts/text.js'

export interface RunsTableProps {
  runs: readonly FlowRun[]
  /** ms, UTC. */
  now: number
  /** Whether the event of each is shown. */
  hasEvent: boolean
}

export function RunsTable({ runs, now, hasEvent }: RunsTableProps) {
  const columns = ['Flow', 'State', ...(hasEvent ? ['Event'] : []), 'Attempts', 'Created', 'Ran', 'Run']
  const rows = runs.map((run) => {
    const last = lastAttempt(run)
    const reason = attention(last)
    return {
      cells: [
        <a href={runPath(run.id)}>
          <Name>{run.flow}</Name>
        </a>,
        <>
          <Badge {...runStates[effectiveStatus(last)]} />
          {reason === null ? null : (
            <p class="note">
              <Text>{reason}</Text>
            </p>
          )}
        </>,
        ...(hasEvent ? [<EventLink id={run.eventId} />] : []),
        String(run.attempts.length),
        <Time at={run.createdAt} />,
        last.startedAt === null ? none : <Duration ms={(last.endedAt ?? now) - last.startedAt} />,
        <Name>{run.id}</Name>,
      ],
    }
  })
  return <Table caption="Runs" columns={columns} rows={rows} />
}

export function EventLink({ id }: { id: string }) {
  return (
    <a href={eventPath(id)}>
      <Name>{id}</Name>
    </a>
  )
}

export function runPath(id: string): string {
  return `/runs/${encodeURIComponent(id)}`
}

export function eventPath(id: string): string {
  return `/events/${encodeURIComponent(id)}`
}
