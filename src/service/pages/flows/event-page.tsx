import type { Child } from 'hono/jsx'
import type { FlowEvent } from '../../../model/flow/flow-event.js'
import type { FlowRun } from '../../../model/flow/flow-run.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { JsonBlock } from '../parts/block.js'
import { Action, Done, Head } from '../parts/head.js'
import { Empty } from '../parts/table.js'
import { Name, Text, Time } from '../parts/text.js'
import { RunsTable, eventPath } from './runs-table.js'

export interface EventPageProps {
  event: FlowEvent
  runs: readonly FlowRun[]
  /** ms, UTC. */
  now: number
  visitor: Visitor
  /** The action that led here; undefined: none. */
  done: string | undefined
}

const doneWords = {
  replay: 'The event is replayed: each of its runs has a new attempt.',
  'no-match': 'The event was matched against the flows again, and starts nothing.',
}

/** One event: what arrived, and what it started. */
export function EventPage({ event, runs, now, visitor, done }: EventPageProps) {
  const { id, type, source, receivedAt, createdAt, flow, context, payload, unmatched } = event
  const facts: readonly (readonly [string, Child])[] = [
    ['Id', <Name>{id}</Name>],
    ['Type', <Name>{type}</Name>],
    ['Source', <Text>{source}</Text>],
    ['Noticed by the source', <Time at={receivedAt} />],
    ['Arrived', <Time at={createdAt} />],
    ['Handed to', flow === null ? 'every flow that matches' : <Name>{flow}</Name>],
  ]
  return (
    <Layout title="Event" visitor={visitor} section="events" isLive={true}>
      <p class="crumb">
        <a href="/events">Events</a>
      </p>
      <Head title="Event" now={now} path={eventPath(id)} />
      <Done done={done} words={doneWords} />
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div class="actions">
        <Action path={`${eventPath(id)}/replay`} visitor={visitor} label="Replay" description="this event" />
      </div>
      <section aria-labelledby="runs">
        <h2 id="runs">Runs</h2>
        {runs.length === 0 ? (
          <Empty>
            <p>This event started nothing.</p>
            {unmatched === null ? null : (
              <p>
                When it arrived: <Text>{unmatched}</Text>
              </p>
            )}
            <p>
              Correct or enable a <a href="/flows">flow</a>, then replay the event: it is matched again.
            </p>
          </Empty>
        ) : (
          <RunsTable runs={runs} now={now} hasEvent={false} />
        )}
      </section>
      <section aria-labelledby="payload">
        <h2 id="payload">Payload</h2>
        <JsonBlock label="Payload of the event" value={payload} />
      </section>
      <section aria-labelledby="context">
        <h2 id="context">Context files</h2>
        {context.length === 0 ? (
          <p class="dim">No file came with this event.</p>
        ) : (
          <ul class="plain">
            {context.map(({ name }) => (
              <li>
                <Name>{name}</Name>
              </li>
            ))}
          </ul>
        )}
      </section>
    </Layout>
  )
}
