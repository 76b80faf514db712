import type { Graph } from '../../../model/graph.js'
import { assertNever } from '../../../lib/assert-never.js'
import { reasonsOf } from '../../../report/views/change-reasons.js'
import { verdictText, warningTexts } from '../../../report/views/change-status-view.js'
import type { ReadStatusResult } from '../../../app/read-status.js'
import { listed } from '../../../lib/listed.js'
import type { ChangeStatus } from '../../../model/change-status.js'
import type { ShownChange } from '../change-reader.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Badge, orchestrationState } from '../parts/badge.js'
import type { State } from '../parts/badge.js'
import { Action, Done, Head } from '../parts/head.js'
import { Table, none } from '../parts/table.js'
import { changePath, Duration, Name, Text, Time } from '../parts/text.js'
import { WorkloadsTable } from '../queue/workloads-table.js'
import { stateOfChange } from './changes-page.js'
import { GraphSection } from './graph-section.js'
import { OrchestrationView } from './orchestration-view.js'
import { RepositoriesTable } from './repositories-table.js'

export interface ChangePageProps {
  change: ShownChange
  graph: Graph
  /** ms, UTC. */
  now: number
  visitor: Visitor
  /** The action that led here; undefined: none. */
  done: string | undefined
}

const doneWords = {
  run: 'The run is queued.',
  cancel: 'Every run of this change was asked to end.',
  invalidate: 'The pull requests of this change are locked.',
}

/** One change: its graph, its repositories, its orchestrations. */
export function ChangePage({ change, graph, now, visitor, done }: ChangePageProps) {
  const { branch, status, orchestrations, recent } = change
  const [newest, ...earlier] = orchestrations
  const path = changePath(branch)
  const isBusy = change.workloads.length > 0 || newest?.state === 'running'
  const state = isBusy ? stateOfChange(change) : verdictState(status.kind)
  return (
    <Layout title={branch} visitor={visitor} section="changes" isLive={true}>
      <Head title={<Text>{branch}</Text>} now={now} path={path}>
        <div class="states">
          <span id="state">
            <Badge {...state} />
          </span>
          <div class="actions">
            <Action path={`${path}/run`} visitor={visitor} label="Run" description="build this change" kind="primary" />
            {isBusy ? (
              <Action
                path={`${path}/cancel`}
                visitor={visitor}
                label="Cancel"
                description="end the runs of this change"
              />
            ) : null}
            <Action
              path={`${path}/invalidate`}
              visitor={visitor}
              label="Lock"
              description="set the statuses of this change back to pending"
              kind="danger"
            />
          </div>
        </div>
      </Head>
      <Done done={done} words={doneWords} />
      <p class="lead wrap">{verdictText(status.status)}</p>
      {status.status.verdict === 'green' ? null : <Reasons status={status.status} />}
      {warningTexts(status.status).map((text) => (
        <p class="notice wait">
          <Text>{text}</Text>
        </p>
      ))}
      <GraphSection graph={graph} entry={newest} status={status.status} now={now} />
      <section aria-labelledby="repositories">
        <h2 id="repositories">Repositories</h2>
        <RepositoriesTable status={status.status} />
      </section>
      <section aria-labelledby="newest">
        <h2 id="newest">Latest orchestration</h2>
        {newest ? <OrchestrationView entry={newest} now={now} /> : <p>None yet. Run the change to start one.</p>}
      </section>
      {earlier.length === 0 ? null : (
        <section aria-labelledby="earlier">
          <h2 id="earlier">Earlier orchestrations</h2>
          <Table
            caption="Earlier orchestrations, newest first"
            columns={['Id', 'State', 'Started', 'Took', 'Why']}
            rows={earlier.map((entry) => {
              const { startedAt, lastAt, ending } = entry.orchestration
              return {
                cells: [
                  <a href={`${path}/orchestrations/${encodeURIComponent(entry.id)}`}>
                    <Name>{entry.id}</Name>
                  </a>,
                  <Badge {...orchestrationState(entry)} />,
                  <Time at={startedAt} />,
                  <Duration ms={lastAt - startedAt} />,
                  ending ? <Text>{ending.reason}</Text> : none,
                ],
              }
            })}
          />
        </section>
      )}
      {recent.length === 0 ? null : (
        <section aria-labelledby="requests">
          <h2 id="requests">Workloads</h2>
          <WorkloadsTable workloads={recent} now={now} hasChange={false} />
        </section>
      )}
    </Layout>
  )
}

/** Why the change is not green. */
function Reasons({ status }: { status: ChangeStatus }) {
  return (
    <ul class="problems">
      {reasonsOf(status).map(({ repos, text }) => (
        <li class="wrap">
          <Text>{repos.length === 0 ? text : `${listed(repos)}: ${text}`}</Text>
        </li>
      ))}
    </ul>
  )
}

/** The state of a change with which nothing happens: whether it can be merged. */
function verdictState(kind: ReadStatusResult['kind']): State {
  switch (kind) {
    case 'green':
      return { tone: 'good', word: 'green' }
    case 'pending':
      return { tone: 'wait', word: 'pending' }
    case 'not-green':
      return { tone: 'bad', word: 'not green' }
    case 'auth':
      return { tone: 'bad', word: 'not readable' }
    case 'near-miss':
      return { tone: 'bad', word: 'similar branch' }
    default:
      return assertNever(kind)
  }
}
