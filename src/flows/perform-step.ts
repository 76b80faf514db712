import { assertNever } from '../lib/assert-never.js'
import { sanitize } from '../lib/sanitize.js'
import type { FlowEvent } from '../model/flow/flow-event.js'
import type { StepEnd } from '../model/flow/flow-progress.js'
import type { FlowAttempt, FlowRun } from '../model/flow/flow-run.js'
import type { FlowStep } from '../model/flow/flow.js'
import { resolveEntries, resolveTemplate } from '../model/flow/flow-template.js'
import type { RepositoryEvent } from '../model/repository-event.js'
import type { ExecStep } from './exec-step.js'
import type { HandedOff } from './hand-off.js'
import type { OutputCollector } from './step-output.js'

/** What a step belongs to. */
export interface StepContext {
  event: FlowEvent
  run: FlowRun
  attempt: FlowAttempt
  /** Its place among the steps of its flow, from 0. */
  index: number
  /** Of the attempt. */
  collector: OutputCollector
  /** The folder with the context files of the event. */
  contextDirectory: string
  /** Aborts when the attempt is cancelled. */
  signal: AbortSignal
  /** When another process began the step, ms, UTC, by its clock: it may have done a part of it. Absent: none did. */
  begunBefore?: number
  /** Whether another process continues the step after `signal` aborted, so that what it waits for must go on. Absent: none does. */
  isHandedOver?: () => boolean
}

/**
 * What steps do. Each is performed once, even if it fails. `Later`: what the action returns for a run that it has started and whose end
 * is recorded later.
 */
export interface StepActions<Later = never> {
  exec: (step: ExecStep, context: StepContext) => Promise<StepEnd>
  handOff: (flow: string, context: StepContext) => Promise<HandedOff>
  /** `wait`: the step ends with the runs that the event starts. */
  dispatch: (event: RepositoryEvent & { wait: boolean }, context: StepContext) => Promise<StepEnd>
  run: (branch: string, context: StepContext) => Promise<StepEnd | Later>
  invalidate: (pattern: string, context: StepContext) => Promise<StepEnd>
}

/** Performs one step of an attempt and returns how it ended. */
export function performStep<Later = never>(
  step: FlowStep,
  context: StepContext,
  actions: StepActions<Later>,
): Promise<StepEnd | Later> {
  switch (step.kind) {
    case 'exec':
      return actions.exec(step, context)
    case 'handoff':
      return handOn(step.flow, context, actions)
    case 'dispatch': {
      const repository = resolveTemplate(step.repository, context.event)
      const eventType = resolveTemplate(step.eventType, context.event)
      const payload = resolveEntries(step.payload, context.event)
      if (repository.kind === 'missing') return missing(repository)
      if (eventType.kind === 'missing') return missing(eventType)
      if (payload.kind === 'missing') return missing(payload)
      const { wait } = step
      const event = { repo: repository.text, eventType: eventType.text, payload: payload.map, wait }
      return actions.dispatch(event, context)
    }
    case 'run': {
      const branch = resolveTemplate(step.branch, context.event)
      return branch.kind === 'missing' ? missing(branch) : actions.run(branch.text, context)
    }
    case 'invalidate': {
      const pattern = resolveTemplate(step.pattern, context.event)
      return pattern.kind === 'missing' ? missing(pattern) : actions.invalidate(pattern.text, context)
    }
    default:
      return assertNever(step)
  }
}

function missing({ expression }: { expression: string }): Promise<StepEnd> {
  return Promise.resolve({ status: 'failed', message: `the event has no value for ${sanitize(expression)}` })
}

async function handOn(flow: string, context: StepContext, actions: Pick<StepActions, 'handOff'>): Promise<StepEnd> {
  const handed = await actions.handOff(flow, context)
  switch (handed.kind) {
    case 'accepted':
    case 'known':
      return { status: 'completed', message: `handed on to ${flow} as ${handed.event.id}` }
    case 'conflict':
      return { status: 'failed', message: `another event has the id ${handed.event.id} already` }
    case 'unknown-flow':
      return { status: 'failed', message: `there is no flow ${flow}. ${handed.hint}` }
    case 'disabled':
      return { status: 'failed', message: `the flow ${flow} is disabled` }
    case 'no-dispatch':
      return { status: 'failed', message: `the flow ${flow} does not accept handoffs: its file has no dispatch: true` }
    case 'unsupported':
      return { status: 'failed', message: `the flow ${handed.flow} cannot be executed here: ${handed.why}` }
    case 'too-deep':
      return { status: 'failed', message: `flows hand on to each other without an end: ${flow} was reached too often` }
    default:
      return assertNever(handed)
  }
}
