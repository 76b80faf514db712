import type { Worker, Workload, WorkloadStatus } from '../../workloads/workload.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Badge, workerTones } from '../parts/badge.js'
import { Head } from '../parts/head.js'
import { NextPage } from '../parts/next-page.js'
import { Empty, Table } from '../parts/table.js'
import { Duration, Name, Text, Time } from '../parts/text.js'
import { WorkloadsTable } from './workloads-table.js'

export interface QueuePageProps {
  workloads: readonly Workload[]
  nextCursor: string | null
  workers: readonly Worker[]
  /** The status that is shown; null: all. */
  status: WorkloadStatus | null
  /** ms, UTC. */
  now: number
  /** The address of this page. */
  path: string
  visitor: Visitor
}

const filters = ['pending', 'claimed', 'running', 'completed', 'failed', 'cancelled'] as const

/** The queue and the workers. */
export function QueuePage({ workloads, nextCursor, workers, status, now, path, visitor }: QueuePageProps) {
  return (
    <Layout title="Queue" visitor={visitor} section="queue" isLive={true}>
      <Head title="Queue" now={now} path={path} />
      <section aria-labelledby="workers">
        <h2 id="workers">Workers</h2>
        <Workers workers={workers} now={now} />
      </section>
      <section aria-labelledby="workloads">
        <h2 id="workloads">Workloads</h2>
        <nav aria-label="Workloads by state" class="filters">
          <ul>
            <li>
              <a href="/workloads" aria-current={status === null ? 'page' : undefined}>
                all
              </a>
            </li>
            {filters.map((each) => (
              <li>
                <a href={`/workloads?status=${each}`} aria-current={status === each ? 'page' : undefined}>
                  {each}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        {workloads.length === 0 ? (
          <Empty>
            <p>{status === null ? 'Nothing has been queued yet.' : `No workload is ${status}.`}</p>
            <p>
              A webhook, a schedule or the button on the page of a change queues a run. <a href="/changes">Changes</a>
            </p>
          </Empty>
        ) : (
          <WorkloadsTable workloads={workloads} now={now} hasChange={true} />
        )}
        <NextPage path={status === null ? '/workloads' : `/workloads?status=${status}`} cursor={nextCursor} />
      </section>
    </Layout>
  )
}

function Workers({ workers, now }: { workers: readonly Worker[]; now: number }) {
  if (workers.length === 0) {
    return (
      <Empty>
        <p>No worker is alive, so nothing is executed.</p>
        <p>
          Start one with <code>orch worker</code>, or start <code>orch serve</code> with <code>--workers 2</code>.
        </p>
      </Empty>
    )
  }
  const rows = workers.map(({ id, state, host, pid, startedAt, heartbeatAt, workloads }) => ({
    cells: [
      <Name>{id}</Name>,
      <Badge tone={workerTones[state]} word={state} />,
      <>
        <Text>{host}</Text>, process {pid}
      </>,
      <Time at={startedAt} />,
      <>
        <Duration ms={now - heartbeatAt} /> ago
      </>,
      String(workloads.length),
    ],
  }))
  return (
    <Table caption="Workers" columns={['Worker', 'State', 'Where', 'Started', 'Heartbeat', 'Workloads']} rows={rows} />
  )
}
