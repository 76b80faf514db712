import { effectiveStatus } from '../../../model/flow/flow-run.js'
import type { FlowAttempt } from '../../../model/flow/flow-run.js'
import type { FlowResult } from '../../../model/flow/flow-result.js'
import { Badge, runStates } from '../parts/badge.js'
import { Block, JsonBlock } from '../parts/block.js'
import { Table, none } from '../parts/table.js'
import { Duration, Text, Time } from '../parts/text.js'

/** How much of each stream of an earlier attempt is shown, characters: a run may have many attempts. */
const shownOfEarlier = 4096

export interface AttemptSectionProps {
  attempt: FlowAttempt
  /** Whether it is the one that counts; only its output is shown in full. */
  isLast: boolean
  /** ms, UTC. */
  now: number
}

/** One attempt of a run: its steps, its result and what it printed. */
export function AttemptSection({ attempt, isLast, now }: AttemptSectionProps) {
  const { number, isReplay, createdAt, startedAt, endedAt, steps, result, cancelledBy } = attempt
  const id = `attempt-${number}`
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{`Attempt ${number}`}</h2>
      <p>
        <Badge {...runStates[effectiveStatus(attempt)]} /> {isReplay ? 'Replay, asked' : 'Asked'} for at{' '}
        <Time at={createdAt} />
        {startedAt === null ? (
          ', not started'
        ) : (
          <>
            , started at <Time at={startedAt} />, {endedAt === null ? 'has run for' : 'ran for'}{' '}
            <Duration ms={(endedAt ?? now) - startedAt} />
          </>
        )}
        .
        {cancelledBy === null ? null : (
          <>
            {' '}
            Cancelled by <Text>{cancelledBy}</Text>.
          </>
        )}
      </p>
      {steps.length === 0 ? null : <Steps attempt={attempt} now={now} />}
      {result === null ? null : <Result result={result} number={number} />}
      <Output attempt={attempt} isLast={isLast} />
    </section>
  )
}

function Steps({ attempt: { number, steps }, now }: Pick<AttemptSectionProps, 'attempt' | 'now'>) {
  const rows = steps.map(({ status, startedAt, endedAt, message }, index) => ({
    cells: [
      `Step ${index + 1}`,
      <Badge {...runStates[status]} />,
      startedAt === null ? none : <Time at={startedAt} />,
      startedAt === null ? none : <Duration ms={(endedAt ?? now) - startedAt} />,
      message === '' ? none : <Text>{message}</Text>,
    ],
  }))
  return (
    <Table
      caption={`Steps of attempt ${number}`}
      columns={['Step', 'State', 'Started', 'Ran', 'Message']}
      rows={rows}
    />
  )
}

function Result({ result: { status, message, artifacts }, number }: { result: FlowResult; number: number }) {
  return (
    <>
      <h3>Result</h3>
      <p class="wrap">
        <Badge {...runStates[status]} /> {message === '' ? null : <Text>{message}</Text>}
      </p>
      {artifacts.length === 0 ? null : <JsonBlock label={`Artifacts of attempt ${number}`} value={artifacts} />}
    </>
  )
}

function Output({ attempt: { number, output }, isLast }: Pick<AttemptSectionProps, 'attempt' | 'isLast'>) {
  const streams = [
    { name: 'Standard output', text: output.stdout },
    { name: 'Standard error', text: output.stderr },
  ].filter(({ text }) => text !== '')
  if (streams.length === 0) return <p class="dim">It has printed nothing.</p>
  return (
    <>
      {streams.map(({ name, text }) => {
        const shown = isLast ? text : endOf(text)
        return (
          <>
            <h3>{name}</h3>
            {shown === text ? null : <p class="note">Only the end is shown.</p>}
            <Block label={`${name} of attempt ${number}`} text={shown} />
          </>
        )
      })}
      {output.truncated ? <p class="note">A part of the output was cut; the text says where and how much.</p> : null}
    </>
  )
}

/** The last lines of a text, from the beginning of a line unless the last one is longer than what is shown. */
function endOf(text: string): string {
  if (text.length <= shownOfEarlier) return text
  const end = text.slice(-shownOfEarlier)
  const newline = end.indexOf('\n')
  return newline === -1 || newline === end.length - 1 ? end : end.slice(newline + 1)
}
