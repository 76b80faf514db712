import type { FlowJson } from '../../../model/wire/flows.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Badge } from '../parts/badge.js'
import type { Tone } from '../../../report/graph/tone.js'
import { Action, Done, Head } from '../parts/head.js'
import { Empty, Table, none } from '../parts/table.js'
import { Name, Text } from '../parts/text.js'

export interface FlowsPageProps {
  flows: readonly FlowJson[]
  /** ms, UTC. */
  now: number
  visitor: Visitor
  /** The action that led here; undefined: none. */
  done: string | undefined
}

const doneWords = {
  enable: 'The flow is enabled.',
  disable: 'The flow is disabled: events do not start it until it is enabled again.',
}

const tones: Record<FlowJson['state'], Tone> = { enabled: 'good', disabled: 'wait', invalid: 'bad', shadowed: 'idle' }

/** The flows as their files are now. */
export function FlowsPage({ flows, now, visitor, done }: FlowsPageProps) {
  return (
    <Layout title="Flows" visitor={visitor} section="flows" isLive={true}>
      <Head title="Flows" now={now} path="/flows" />
      <Done done={done} words={doneWords} />
      {flows.length === 0 ? (
        <Empty>
          <p>This service has no flows.</p>
          <p>
            Write <code>.orch/flows/release/flow.yaml</code> in the folder in which the service runs, and check it with{' '}
            <code>orch flows check</code>. It is found without a restart.
          </p>
        </Empty>
      ) : (
        <Table
          caption="Flows, in the order in which they are found"
          columns={['Flow', 'State', 'Started by', 'Steps', 'File', 'Runs', 'Action']}
          rows={flows.map((flow) => ({ cells: cellsOf(flow, visitor) }))}
        />
      )}
    </Layout>
  )
}

function cellsOf(flow: FlowJson, visitor: Visitor) {
  const { name, state, triggers, steps, file } = flow
  const isUsed = state === 'enabled' || state === 'disabled'
  return [
    <Name>{name}</Name>,
    <State flow={flow} />,
    triggers.length === 0 ? none : triggers.join(', '),
    steps.length === 0 ? none : steps.join(', '),
    <Name>{file}</Name>,
    state === 'shadowed' ? (
      none
    ) : (
      <a href={`/runs?flow=${encodeURIComponent(name)}`} aria-label={`Runs of ${name}`}>
        Runs
      </a>
    ),
    isUsed && visitor.formToken !== null ? (
      <Action
        path={`/flows/${encodeURIComponent(name)}/${state === 'enabled' ? 'disable' : 'enable'}`}
        visitor={visitor}
        label={state === 'enabled' ? 'Disable' : 'Enable'}
        description={`the flow ${name}`}
      />
    ) : (
      none
    ),
  ]
}

function State({ flow: { state, shadowedBy, problems } }: { flow: FlowJson }) {
  return (
    <>
      <Badge tone={tones[state]} word={state} />
      {shadowedBy === null ? null : (
        <p class="note">
          <Name>{shadowedBy}</Name> is used instead.
        </p>
      )}
      {problems.length === 0 ? null : (
        <>
          {state === 'enabled' || state === 'disabled' ? (
            <p class="note">The file is invalid now, so its last valid version is used.</p>
          ) : null}
          <ul class="problems">
            {problems.map((problem) => (
              <li>
                <Text>{problem}</Text>
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  )
}
