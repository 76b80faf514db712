import type { FlowEvent, ListedEvent } from '../model/flow/flow-event.js'
import { openAttempt } from '../model/flow/flow-progress.js'
import { attention, effectiveStatus, lastAttempt } from '../model/flow/flow-run.js'
import type { FlowAttempt, FlowRun } from '../model/flow/flow-run.js'
import type { Timestamp } from '../model/wire/common.js'
import type { FlowEventJson, FlowAttemptJson, FlowJson, FlowRunJson } from '../model/wire/flows.js'
import type { Flow } from '../model/flow/flow.js'
import type { FoundFlow } from './catalog.js'

/** An event as it is shown, with the content of its context files. */
export function eventToJson(event: FlowEvent): FlowEventJson {
  const files = event.context.map(({ name, content }) => ({ name, content }))
  return { ...listedEventToJson(event), context: { files } }
}

/** An event as it is shown in a list, where the content of its context files would be too much. */
export function listedEventToJson(event: ListedEvent): FlowEventJson {
  const { id, type, source, receivedAt, payload, context, flow, createdAt, unmatched } = event
  return {
    id,
    type,
    source,
    receivedAt: timestamp(receivedAt),
    payload,
    context: { files: context.map(({ name }) => ({ name })) },
    flow,
    createdAt: timestamp(createdAt),
    unmatched,
  }
}

export function runToJson(run: FlowRun): FlowRunJson {
  const last = lastAttempt(run)
  const reason = attention(last)
  const started = run.attempts.find(({ startedAt }) => startedAt !== null)
  return {
    id: run.id,
    eventId: run.eventId,
    flow: run.flow,
    attempt: last.number,
    status: last.status,
    result: last.result,
    effectiveStatus: effectiveStatus(last),
    needsAttention: reason !== null,
    attention: reason,
    attempts: run.attempts.map(attemptToJson),
    output: last.output,
    createdAt: timestamp(run.createdAt),
    startedAt: timestampOrNull(started?.startedAt ?? null),
    endedAt: timestampOrNull(openAttempt(run) ? null : last.endedAt),
  }
}

function attemptToJson(attempt: FlowAttempt): FlowAttemptJson {
  const { id, number, status, isReplay, startedAt, endedAt, steps, output, result } = attempt
  return {
    id,
    number,
    status,
    isReplay,
    startedAt: timestampOrNull(startedAt),
    endedAt: timestampOrNull(endedAt),
    steps: steps.map((step) => ({
      status: step.status,
      startedAt: timestampOrNull(step.startedAt),
      endedAt: timestampOrNull(step.endedAt),
      message: step.message,
    })),
    output,
    result,
  }
}

export function flowToJson(
  { name, file, flow, problems, shadowedBy }: FoundFlow,
  disabled: ReadonlySet<string>,
): FlowJson {
  return {
    name,
    file,
    state: shadowedBy !== null ? 'shadowed' : !flow ? 'invalid' : disabled.has(name) ? 'disabled' : 'enabled',
    shadowedBy,
    triggers: flow ? triggersOf(flow) : [],
    steps: flow?.steps.map(({ kind }) => kind) ?? [],
    concurrency: flow?.concurrency ?? 1,
    problems,
  }
}

function triggersOf({ on: { event, dispatch, schedule, poll } }: Flow): string[] {
  const all = { event: event !== null, dispatch, schedule: schedule.length > 0, poll: poll !== null }
  return Object.entries(all).flatMap(([name, isUsed]) => (isUsed ? [name] : []))
}

function timestamp(ms: number): Timestamp {
  return new Date(ms).toISOString()
}

function timestampOrNull(ms: number | null): Timestamp | null {
  return ms === null ? null : timestamp(ms)
}
