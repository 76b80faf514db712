import type { Child } from 'hono/jsx'
import type { Workload } from '../../workloads/workload.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Badge, workloadTones } from '../parts/badge.js'
import { Head } from '../parts/head.js'
import { Name, Text, Time } from '../parts/text.js'
import { ChangeLink } from './workloads-table.js'

/** One workload. `now`: ms, UTC. */
export function WorkloadPage({ workload, now, visitor }: { workload: Workload; now: number; visitor: Visitor }) {
  const { id, kind, status, change, createdAt, claimedAt, startedAt, endedAt, worker, result } = workload
  const facts: readonly (readonly [string, Child])[] = [
    ['Id', <Name>{id}</Name>],
    ['Kind', kind],
    ['Change', change === null ? '–' : <ChangeLink branch={change} />],
    ['Created', <Time at={createdAt} />],
    ['Claimed', timeOrNot(claimedAt)],
    ['Started', timeOrNot(startedAt)],
    ['Ended', timeOrNot(endedAt)],
    ['Worker', worker === null ? '–' : <Name>{worker}</Name>],
    ['Result', result === null ? '–' : <Text>{result}</Text>],
  ]
  return (
    <Layout title="Workload" visitor={visitor} section="queue" isLive={true}>
      <p class="crumb">
        <a href="/workloads">Queue</a>
      </p>
      <Head title="Workload" now={now} path={`/workloads/${encodeURIComponent(id)}`}>
        <span id="state">
          <Badge tone={workloadTones[status]} word={status} />
        </span>
      </Head>
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </Layout>
  )
}

function timeOrNot(at: number | null): Child {
  return at === null ? 'not yet' : <Time at={at} />
}
