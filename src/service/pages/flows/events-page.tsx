import type { ListedEvent } from '../../../model/flow/flow-event.js'
import type { FlowRunSummary } from '../../../model/flow/flow-run.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Badge, runStates } from '../parts/badge.js'
import { Head } from '../parts/head.js'
import { NextPage } from '../parts/next-page.js'
import { Empty, Table, none } from '../parts/table.js'
import { Name, Text, Time } from '../parts/text.js'
import { EventLink, runPath } from './runs-table.js'

/** An event and what the runs that it started came to. */
export interface EventWithRuns {
  event: ListedEvent
  runs: readonly FlowRunSummary[]
}

export interface EventsPageProps {
  events: readonly EventWithRuns[]
  nextCursor: string | null
  /** The type that is shown; empty: all. */
  type: string
  /** The source that is shown; empty: all. */
  source: string
  /** ms, UTC. */
  now: number
  /** The address of this page. */
  path: string
  visitor: Visitor
}

/** The events that the service has accepted, and what each started. */
export function EventsPage({ events, nextCursor, type, source, now, path, visitor }: EventsPageProps) {
  const filter = new URLSearchParams({ ...(type === '' ? {} : { type }), ...(source === '' ? {} : { source }) })
  const isFiltered = filter.size > 0
  const rows = events.map(({ event, runs }) => ({
    cells: [
      <EventLink id={event.id} />,
      <Name>{event.type}</Name>,
      <Text>{event.source}</Text>,
      <Time at={event.createdAt} />,
      <Started event={event} runs={runs} />,
    ],
  }))
  return (
    <Layout title="Events" visitor={visitor} section="events" isLive={true}>
      <Head title="Events" now={now} path={path} />
      <form method="get" action="/events" class="inline" role="search">
        <label for="type">Type</label>
        <input id="type" name="type" type="text" value={type} placeholder="upstream.release" />
        <label for="source">Source</label>
        <input id="source" name="source" type="text" value={source} />
        <button type="submit">Filter</button>
        {isFiltered ? <a href="/events">Show all events</a> : null}
      </form>
      {rows.length === 0 ? (
        <Empty>
          <p>{isFiltered ? 'No event has this type and source.' : 'No event has arrived yet.'}</p>
          <p>
            Send one with <code>orch event send</code>, or with <code>POST /events</code> of this service. The{' '}
            <a href="/flows">flows</a> say which events they wait for.
          </p>
        </Empty>
      ) : (
        <Table caption="Events, newest first" columns={['Event', 'Type', 'Source', 'Arrived', 'Started']} rows={rows} />
      )}
      <NextPage path={isFiltered ? `/events?${filter.toString()}` : '/events'} cursor={nextCursor} />
    </Layout>
  )
}

function Started({ event, runs }: EventWithRuns) {
  if (runs.length === 0) return event.unmatched === null ? <>{none}</> : <Text>{`nothing: ${event.unmatched}`}</Text>
  return (
    <ul class="plain">
      {runs.map((run) => (
        <li>
          <a href={runPath(run.id)}>
            <Name>{run.flow}</Name>
          </a>{' '}
          <Badge {...runStates[run.effectiveStatus]} />
        </li>
      ))}
    </ul>
  )
}
