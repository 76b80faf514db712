import { exampleBranch } from '../../../app/choose-branch.js'
import { shownAt } from '../../../model/build/history.js'
import type { Graph } from '../../../model/graph.js'
import { countJobs, viewJobs } from '../../../report/views/job-view.js'
import type { KnownChange } from '../change-reader.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Badge, orchestrationState } from '../parts/badge.js'
import type { State } from '../parts/badge.js'
import { Head } from '../parts/head.js'
import { Empty, Table, none } from '../parts/table.js'
import { changePath, Duration, Name, Text, Time } from '../parts/text.js'

export interface ChangesPageProps {
  changes: readonly KnownChange[]
  graph: Graph
  /** ms, UTC. */
  now: number
  visitor: Visitor
}

/** Every change that the service knows. */
export function ChangesPage({ changes, graph, now, visitor }: ChangesPageProps) {
  return (
    <Layout title="Changes" visitor={visitor} section="changes" isLive={true}>
      <Head title="Changes" now={now} path="/changes" />
      <form method="get" action="/changes" class="inline" role="search">
        <label for="branch">Open a change by its branch</label>
        <input id="branch" name="branch" type="text" required={true} placeholder={exampleBranch(graph)} />
        <button type="submit">Open</button>
      </form>
      {changes.length === 0 ? (
        <Empty>
          <p>No change has been built yet.</p>
          <p>
            Push a branch such as <Name>{exampleBranch(graph)}</Name> to a repository of the graph and open its pull
            request, or open a change above and run it.
          </p>
        </Empty>
      ) : (
        <Table
          caption="Changes, the one with the latest activity first"
          columns={['Change', 'State', 'Jobs', 'Latest orchestration', 'Time']}
          rows={changes.map((change) => ({ cells: cellsOf(change, now) }))}
        />
      )}
    </Layout>
  )
}

function cellsOf(change: KnownChange, now: number) {
  const { branch, lastAt } = change
  const entry = change.orchestrations[0]
  const link = (
    <a href={changePath(branch)}>
      <Text>{branch}</Text>
    </a>
  )
  const state = <Badge {...stateOfChange(change)} />
  if (!entry) return [link, state, none, lastAt === 0 ? none : <Time at={lastAt} />, none]
  const at = shownAt(entry, now)
  const { startedAt } = entry.orchestration
  return [
    link,
    state,
    countJobs(viewJobs(entry.orchestration, at)),
    <Time at={startedAt} />,
    <Duration ms={at - startedAt} />,
  ]
}

/** What happens to a change now, else how its newest orchestration ended. */
export function stateOfChange({ workloads, orchestrations }: Pick<KnownChange, 'workloads' | 'orchestrations'>): State {
  if (workloads.some(({ status }) => status === 'running')) return { tone: 'run', word: 'running' }
  if (workloads.length > 0) return { tone: 'wait', word: 'queued' }
  return orchestrations[0] ? orchestrationState(orchestrations[0]) : { tone: 'idle', word: 'not built' }
}
