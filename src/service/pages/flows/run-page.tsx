import type { Child } from 'hono/jsx'
import { openAttempt } from '../../../model/flow/flow-progress.js'
import { attention, effectiveStatus, lastAttempt } from '../../../model/flow/flow-run.js'
import type { FlowRun } from '../../../model/flow/flow-run.js'
import { Layout } from '../layout.js'
import type { Visitor } from '../layout.js'
import { Badge, runStates } from '../parts/badge.js'
import { Action, Done, Head } from '../parts/head.js'
import { Name, Text, Time } from '../parts/text.js'
import { AttemptSection } from './attempt-section.js'
import { EventLink, runPath } from './runs-table.js'

export interface RunPageProps {
  run: FlowRun
  /** ms, UTC. */
  now: number
  visitor: Visitor
  /** The action that led here; undefined: none. */
  done: string | undefined
}

const doneWords = { cancel: 'The run is asked to end.' }

/** One run of a flow: each attempt with its steps, its result and its output, newest first. */
export function RunPage({ run, now, visitor, done }: RunPageProps) {
  const { id, flow, eventId, createdAt, attempts } = run
  const last = lastAttempt(run)
  const reason = attention(last)
  const facts: readonly (readonly [string, Child])[] = [
    ['Id', <Name>{id}</Name>],
    [
      'Flow',
      <a href={`/runs?flow=${encodeURIComponent(flow)}`}>
        <Name>{flow}</Name>
      </a>,
    ],
    ['Event', <EventLink id={eventId} />],
    ['Created', <Time at={createdAt} />],
    ['Attempts', String(attempts.length)],
  ]
  return (
    <Layout title={`Run of ${flow}`} visitor={visitor} section="runs" isLive={true}>
      <p class="crumb">
        <a href="/runs">Runs</a>
      </p>
      <Head title={<Text>{`Run of ${flow}`}</Text>} now={now} path={runPath(id)}>
        <span id="state">
          <Badge {...runStates[effectiveStatus(last)]} />
        </span>
      </Head>
      <Done done={done} words={doneWords} />
      {reason === null ? null : (
        <p class="notice bad wrap">
          This run needs attention: <Text>{reason}</Text>
        </p>
      )}
      <dl class="facts">
        {facts.map(([name, value]) => (
          <div>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {openAttempt(run) ? (
        <div class="actions">
          <Action
            path={`${runPath(id)}/cancel`}
            visitor={visitor}
            label="Cancel"
            description={`this run of ${flow}`}
            kind="danger"
          />
        </div>
      ) : null}
      {attempts.toReversed().map((attempt) => (
        <AttemptSection attempt={attempt} isLast={attempt === last} now={now} />
      ))}
    </Layout>
  )
}
