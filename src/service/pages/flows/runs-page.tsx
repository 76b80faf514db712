import { flowRunStatuses } from '../../../model/flow/flow-run.js'
import type { FlowRun, FlowRunStatus } from '../../../model/flow/flow-run.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Head } from '../parts/head.js'
import { NextPage } from '../parts/next-page.js'
import { Empty } from '../parts/table.js'
import { Name } from '../parts/text.js'
import { EventLink, RunsTable } from './runs-table.js'

export interface RunsPageProps {
  runs: readonly FlowRun[]
  nextCursor: string | null
  /** The status that is shown; null: all. */
  status: FlowRunStatus | null
  /** The event whose runs are shown; empty: all. */
  eventId: string
  /** The flow whose runs are shown; empty: all. */
  flow: string
  /** ms, UTC. */
  now: number
  /** The address of this page. */
  path: string
  visitor: Visitor
}

/** The runs of flows. */
export function RunsPage({ runs, nextCursor, status, eventId, flow, now, path, visitor }: RunsPageProps) {
  const pathOf = (wanted: FlowRunStatus | null): string => {
    const query = new URLSearchParams({
      ...(wanted === null ? {} : { status: wanted }),
      ...(eventId === '' ? {} : { eventId }),
      ...(flow === '' ? {} : { flow }),
    })
    return query.size === 0 ? '/runs' : `/runs?${query.toString()}`
  }
  const isNarrowed = eventId !== '' || flow !== ''
  return (
    <Layout title="Runs" visitor={visitor} section="runs" isLive={true}>
      <Head title="Runs" now={now} path={path} />
      <nav aria-label="Runs by status" class="filters">
        <ul>
          {[null, ...flowRunStatuses].map((each) => (
            <li>
              <a href={pathOf(each)} aria-current={status === each ? 'page' : undefined}>
                {each ?? 'all'}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {isNarrowed ? (
        <p>
          {flow === '' ? null : (
            <>
              Only of the flow <Name>{flow}</Name>.{' '}
            </>
          )}
          {eventId === '' ? null : (
            <>
              Only of the event <EventLink id={eventId} />.{' '}
            </>
          )}
          <a href="/runs">Show all runs</a>
        </p>
      ) : null}
      {runs.length === 0 ? (
        <Empty>
          <p>
            {status === null ? (isNarrowed ? 'There is no such run.' : 'No flow has run yet.') : `No run is ${status}.`}
          </p>
          <p>
            An event that matches a <a href="/flows">flow</a> starts a run. Send one with <code>orch event send</code>.
          </p>
        </Empty>
      ) : (
        <RunsTable runs={runs} now={now} hasEvent={true} />
      )}
      <NextPage path={pathOf(status)} cursor={nextCursor} />
    </Layout>
  )
}
