import type { Workload } from '../../workloads/workload.js'
import { Badge, workloadTones } from '../parts/badge.js'
import { Table, none } from '../parts/table.js'
import { changePath, Duration, Name, Text, Time } from '../parts/text.js'

export interface WorkloadsTableProps {
  workloads: readonly Workload[]
  /** ms, UTC. */
  now: number
  /** Whether the change of each is shown. */
  hasChange: boolean
}

export function WorkloadsTable({ workloads, now, hasChange }: WorkloadsTableProps) {
  const columns = ['Workload', ...(hasChange ? ['Change'] : []), 'State', 'Created', 'Waited', 'Ran', 'Worker']
  const rows = workloads.map((workload) => {
    const { id, status, change, createdAt, startedAt, endedAt, worker, result } = workload
    const waitedMs = (startedAt ?? endedAt ?? now) - createdAt
    return {
      cells: [
        <a href={`/workloads/${encodeURIComponent(id)}`}>
          <Name>{id}</Name>
        </a>,
        ...(hasChange ? [change === null ? none : <ChangeLink branch={change} />] : []),
        <>
          <Badge tone={workloadTones[status]} word={status} />
          {result === null ? null : (
            <p class="note">
              <Text>{result}</Text>
            </p>
          )}
        </>,
        <Time at={createdAt} />,
        <Duration ms={waitedMs} />,
        startedAt === null ? none : <Duration ms={(endedAt ?? now) - startedAt} />,
        worker === null ? none : <Name>{worker}</Name>,
      ],
    }
  })
  return <Table caption="Workloads, newest first" columns={columns} rows={rows} />
}

export function ChangeLink({ branch }: { branch: string }) {
  return (
    <a href={changePath(branch)}>
      <Text>{branch}</Text>
    </a>
  )
}
