import { createHash } from 'node:crypto'
import { deliveryProblems } from '../app/dispatch/delivery-problems.js'
import { defaultWaitMs } from '../app/dispatch/check-event.js'
import { dispatchEvent } from '../app/dispatch/dispatch-event.js'
import type { EventHost } from '../app/dispatch/event-host.js'
import type { Problem } from '../app/problem.js'
import { sanitize } from '../lib/sanitize.js'
import type { EventDispatch } from '../model/event-delivery.js'
import type { StepEnd } from '../model/flow/flow-progress.js'
import type { FlowAttempt } from '../model/flow/flow-run.js'
import type { RepositoryEvent } from '../model/repository-event.js'
import type { Clock } from '../ports/clock.js'
import type { StepContext } from './perform-step.js'

/** What is known of an event whose sending has no clear end. */
export const maybeSent = 'the event may have been sent, and is not sent again'

export interface DispatchStepOptions {
  host: EventHost
  clock: Clock
}

/** Sends a repository event at most once (law 2), and waits for the runs that it starts if the step says so. */
export async function dispatchStep(
  { host, clock }: DispatchStepOptions,
  { repo, eventType, payload, wait }: RepositoryEvent & { wait: boolean },
  { attempt, index, signal, begunBefore, isHandedOver }: StepContext,
): Promise<StepEnd> {
  const result = await dispatchEvent({
    host,
    clock,
    id: markerOf(attempt, index),
    repositories: [repo],
    eventType,
    payload,
    isDryRun: false,
    waitMs: wait ? defaultWaitMs : null,
    signal,
    ...(begunBefore === undefined ? {} : { sentSince: begunBefore }),
    ...(isHandedOver ? { leavesRuns: isHandedOver } : {}),
    onProgress: () => undefined,
  })
  if (result.kind === 'stopped') return { status: 'failed', message: textOf(result.problems) }
  const problems = deliveryProblems(result.dispatch)
  if (problems.length === 0) return { status: 'completed', message: sanitize(sentText(result.dispatch)) }
  return { status: signal.aborted ? 'cancelled' : 'failed', message: textOf(problems) }
}

/** Identifies a step in the titles of the runs that its event starts: no other step has it, nor one that contains it. */
function markerOf({ id }: FlowAttempt, index: number): string {
  return createHash('sha256').update(`${id} ${index}`).digest('hex').slice(0, 16)
}

function sentText({ eventType, deliveries }: EventDispatch): string {
  return deliveries
    .map(({ repo, runs }) => {
      const ends = runs.map(({ workflow, outcome, url }) => `${workflow} ${outcome} (${url ?? 'no run'})`)
      return [`sent ${eventType} to ${repo}`, ...ends].join(', ')
    })
    .join('; ')
}

function textOf(problems: readonly Problem[]): string {
  return problems
    .map(({ message, why, remedy, failure }) => {
      if (failure) return remedy === '' ? message : `${message} (${remedy})`
      return `${message}: ${why}`
    })
    .map(sanitize)
    .join('\n')
}
