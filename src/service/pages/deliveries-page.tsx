import type { Delivery } from '../deliveries/delivery.js'
import { Layout } from './layout.js'
import type { Visitor } from './layout.js'
import { Badge } from './parts/badge.js'
import { Action, Done, Head } from './parts/head.js'
import { NextPage } from './parts/next-page.js'
import { Empty, Table, none } from './parts/table.js'
import { Name, Text, Time } from './parts/text.js'

export interface DeliveriesPageProps {
  deliveries: readonly Delivery[]
  nextCursor: string | null
  /** ms, UTC. */
  now: number
  /** The address of this page. */
  path: string
  visitor: Visitor
  /** The action that led here; undefined: none. */
  done: string | undefined
}

const doneWords = { redeliver: 'The delivery is handled again.' }

/** The webhook deliveries that the service has accepted, each of which can be handled again. */
export function DeliveriesPage({ deliveries, nextCursor, now, path, visitor, done }: DeliveriesPageProps) {
  const rows = deliveries.map(({ id, event, action, repository, receivedAt, handledAt, result }) => ({
    cells: [
      <Time at={receivedAt} />,
      <Name>{action === null ? event : `${event} ${action}`}</Name>,
      repository === null ? none : <Text>{repository}</Text>,
      <>
        {handledAt === null ? <Badge tone="wait" word="not handled yet" /> : <Badge tone="good" word="handled" />}
        {result === null ? null : (
          <p class="note">
            <Text>{result}</Text>
          </p>
        )}
      </>,
      <Name>{id}</Name>,
      <Action
        path={`/deliveries/${encodeURIComponent(id)}/attempts`}
        visitor={visitor}
        label="Handle again"
        description={`the delivery ${id}`}
      />,
    ],
  }))
  return (
    <Layout title="Deliveries" visitor={visitor} section="deliveries" isLive={true}>
      <Head title="Deliveries" now={now} path={path} />
      <Done done={done} words={doneWords} />
      {rows.length === 0 ? (
        <Empty>
          <p>No webhook has arrived yet.</p>
          <p>
            Add a webhook on GitHub that sends its events to <code>/webhooks/github</code> of this service, with the
            secret of <code>ORCH_WEBHOOK_SECRET</code>.
          </p>
        </Empty>
      ) : (
        <Table
          caption="Webhook deliveries, newest first"
          columns={['Received', 'Event', 'Repository', 'Result', 'Delivery', 'Action']}
          rows={rows}
        />
      )}
      <NextPage path="/deliveries" cursor={nextCursor} />
    </Layout>
  )
}
