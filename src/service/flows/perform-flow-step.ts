import { usableFlows } from '../../flows/catalog.js'
import { maybeSent } from '../../flows/dispatch-step.js'
import { performStep } from '../../flows/perform-step.js'
import type { StepActions, StepContext } from '../../flows/perform-step.js'
import type { FlowPorts } from '../../flows/receive-event.js'
import { createOutputCollector } from '../../flows/step-output.js'
import type { OutputCollector } from '../../flows/step-output.js'
import { failureText } from '../../lib/failure-text.js'
import { endStep, interrupted, nextOf, startStep, withAttempt, withOutput } from '../../model/flow/flow-progress.js'
import type { StepEnd } from '../../model/flow/flow-progress.js'
import type { FlowEvent } from '../../model/flow/flow-event.js'
import { hasEnded } from '../../model/flow/flow-run.js'
import type { FlowAttempt, FlowRun } from '../../model/flow/flow-run.js'
import type { FlowStep } from '../../model/flow/flow.js'
import type { Clock } from '../../ports/clock.js'
import type { Log } from '../operations/log.js'
import type { Execute, Execution } from '../workloads/execution.js'
import type { WorkloadEnd } from '../workloads/workload-row.js'
import { actionOf, isRepeatableStep } from '../workloads/workload.js'
import type { Work } from '../workloads/workload.js'
import type { FlowProgress } from './flow-progress.js'

/** The change of a step was queued: the step ends with that workload. */
export type Queued = 'queued'

export interface PerformFlowStepOptions {
  ports: FlowPorts
  clock: Clock
  log: Log
  progress: FlowProgress
  actions: StepActions<Queued>
  /** The folder with the context files of an attempt. */
  contextDirectoryOf: (attempt: FlowAttempt) => string
}

type StepWork = Extract<Work, { kind: 'flow-step' }>

/** How often a running step keeps what it printed, and looks whether somebody asked to cancel it, ms. */
const checkIntervalMs = 500
/** The pause between two attempts to keep the end of a step, ms. */
const keepPauseMs = 1_000

/** Performs one step of an attempt and enqueues what is next. */
export function createPerformFlowStep(options: PerformFlowStepOptions): Execute<'flow-step'> {
  return async (work, execution) => {
    // Read before the step is begun: a failure of the database is repeated then, without an effect.
    const found = await find(options, work)
    const begun = await begin(options, work)
    if (begun.kind === 'ended') return endOfEarlier(begun.attempt, work)
    // A process that was suspended may have lost the step before it began to perform it.
    if (!execution.mayWrite()) return { status: 'failed', result: interrupted }
    const checked = check(found.step, work, begun)
    const end: StepEnd | Queued = checked.ok
      ? await performWatched(options, { work, execution, step: checked.step, event: found.event, begun })
      : { status: 'failed', message: checked.why }
    // The next execution, by another process, ends the step.
    if (execution.signal.aborted) return { status: 'failed', result: interrupted }
    if (end === 'queued') return { status: 'completed', result: 'the change was queued' }
    await keepEnd(options, work, { end, signal: execution.signal })
    await options.progress.continueRun(work.run)
    return toWorkloadEnd(end)
  }
}

/** Whether a step may be performed; `why` not, as text for a reader. */
function check(
  step: FlowStep | null,
  { action }: StepWork,
  { run, isRepeated }: { run: FlowRun; isRepeated: boolean },
): { ok: true; step: FlowStep } | { ok: false; why: string } {
  if (!step) return { ok: false, why: `the process that executed it does not have the step in its flow ${run.flow}` }
  // The flow file may have changed since the step was begun.
  const mayBegin = !isRepeated || (isRepeatableStep(action) && isRepeatableStep(actionOf(step)))
  if (mayBegin) return { ok: true, step }
  return { ok: false, why: action === 'dispatch' ? `${interrupted}: ${maybeSent}` : interrupted }
}

function toWorkloadEnd({ status, message }: StepEnd): WorkloadEnd {
  return { status, result: message }
}

/** The event of a step, and the step; `step` null: the flow as its file is now does not have it. */
async function find(
  { ports: { store, readFlows } }: PerformFlowStepOptions,
  { event: id, flow, index }: StepWork,
): Promise<{ step: FlowStep | null; event: FlowEvent }> {
  const event = await store.readEvent(id)
  if (!event) throw new Error(`the event ${id} is gone`)
  const step = usableFlows(await readFlows(), new Set()).get(flow)?.flow.steps[index]
  return { step: step ?? null, event }
}

/** An earlier execution has ended the step, or the attempt was cancelled before it. */
function endOfEarlier({ steps }: FlowAttempt, { index }: StepWork): WorkloadEnd {
  const step = steps[index]
  if (step && hasEnded(step.status)) return toWorkloadEnd({ status: step.status, message: step.message })
  return { status: 'cancelled', result: 'the attempt was cancelled' }
}

type Begun =
  | { kind: 'begun'; run: FlowRun; attempt: FlowAttempt; isRepeated: boolean }
  | { kind: 'ended'; attempt: FlowAttempt }

/** Starts the step in the store. From then on it is known that somebody performs it. */
async function begin(options: PerformFlowStepOptions, work: StepWork): Promise<Begun> {
  let isRepeated = false
  const run = await change(options, work, (attempt) => {
    const started = startStep(attempt, work.index, options.clock.now())
    isRepeated = started === attempt
    return started
  })
  const attempt = attemptOf(run, work.attempt)
  const next = nextOf(attempt)
  const isOurs = next.kind === 'wait' && next.index === work.index
  return isOurs ? { kind: 'begun', run, attempt, isRepeated } : { kind: 'ended', attempt }
}

interface Performing {
  work: StepWork
  execution: Execution
  step: FlowStep
  event: FlowEvent
  begun: Extract<Begun, { kind: 'begun' }>
}

async function performWatched(options: PerformFlowStepOptions, performing: Performing): Promise<StepEnd | Queued> {
  const { work, execution, step, event, begun } = performing
  const { run, attempt } = begun
  const collector = createOutputCollector(attempt.output)
  const cancelled = new AbortController()
  const over = new AbortController()
  execution.onCancel(() => cancelled.abort())
  if (attempt.cancelledBy !== null) cancelled.abort()
  const context: StepContext = {
    event,
    run,
    attempt,
    index: work.index,
    collector,
    contextDirectory: options.contextDirectoryOf(attempt),
    signal: AbortSignal.any([cancelled.signal, execution.signal]),
    isHandedOver: () => execution.signal.aborted && !cancelled.signal.aborted,
    ...(begun.isRepeated ? { begunBefore: attempt.steps[work.index]?.startedAt ?? 0 } : {}),
  }
  const watching = watch(options, work, { collector, over: over.signal, onCancelled: () => cancelled.abort() })
  try {
    return await performStep(step, context, options.actions)
  } finally {
    over.abort()
    await watching
  }
}

async function watch(
  options: PerformFlowStepOptions,
  work: StepWork,
  { collector, over, onCancelled }: { collector: OutputCollector; over: AbortSignal; onCancelled: () => void },
): Promise<void> {
  const { clock, log } = options
  for (;;) {
    await clock.sleep(checkIntervalMs, over)
    if (over.aborted) return
    try {
      const run = await change(options, work, (attempt) => withOutput(attempt, collector.output()))
      if (attemptOf(run, work.attempt).cancelledBy !== null) onCancelled()
    } catch (error) {
      log.warn({ run: work.run, error: failureText(error) }, 'the output of a step could not be kept; trying again')
    }
  }
}

/** An end that cannot be kept yet is kept later: the step is not performed again. */
async function keepEnd(
  options: PerformFlowStepOptions,
  work: StepWork,
  { end, signal }: { end: StepEnd; signal: AbortSignal },
): Promise<void> {
  const { clock, log } = options
  for (;;) {
    try {
      await change(options, work, (attempt) => endStep(attempt, work.index, end, clock.now()))
      return
    } catch (error) {
      if (signal.aborted) throw error
      log.warn({ run: work.run, error: failureText(error) }, 'the end of a step could not be kept; trying again')
      await clock.sleep(keepPauseMs, signal)
    }
  }
}

async function change(
  { ports }: PerformFlowStepOptions,
  { run: id, attempt }: StepWork,
  to: (attempt: FlowAttempt) => FlowAttempt,
): Promise<FlowRun> {
  const changed = await ports.store.updateRun(id, (run) => {
    const before = attemptOf(run, attempt)
    const after = to(before)
    return after === before ? run : withAttempt(run, after)
  })
  if (!changed) throw new Error(`the run ${id} is gone`)
  return changed
}

function attemptOf(run: FlowRun, id: string): FlowAttempt {
  const found = run.attempts.find((attempt) => attempt.id === id)
  if (!found) throw new Error(`the attempt ${id} is gone`)
  return found
}
