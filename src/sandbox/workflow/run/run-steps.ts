import type { StepConclusion, StepState } from '../../executor.js'
import { evaluateCondition, interpolate } from '../expression/expression.js'
import type { JobContext } from './job-context.js'
import type { WorkflowStep } from '../parse/model.js'
import { booleanOf, timeLimit } from '../expression/evaluate-setting.js'
import type { JobRun } from './job-run.js'
import { begin, complete, queuedStep } from './run-state.js'
import { runStep } from './run-step.js'
import { noValues } from './step-result.js'
import type { PostStep, StepResult } from './step-result.js'

/** Executes the steps of a job in order, and records their results in the context and in the states of the steps. */
export async function runSteps(run: JobRun, context: JobContext): Promise<void> {
  for (const [at, step] of run.job.steps.entries()) {
    const state = run.state.steps[at + 1]
    if (state === undefined) return
    if (run.control.killed.aborted) complete(state, 'cancelled', run.clock.now())
    else await takeStep(run, context, step, state)
    run.publish()
  }
  for (const post of context.posts.toReversed()) await takePost(run, context, post)
}

/** Executes what an action does at the end of the job, also of one that was cancelled. As on GitHub, it is listed before the last step. */
async function takePost(run: JobRun, context: JobContext, post: PostStep): Promise<void> {
  const { steps } = run.state
  const last = steps.pop()
  const state = queuedStep(steps.length + 1, post.name)
  steps.push(state)
  if (last !== undefined) steps.push({ ...last, number: steps.length + 1 })
  const holds = evaluateCondition(post.condition, context.conditionScope())
  if (!holds.ok) context.log.error(`The template is not valid. ${holds.message}`)
  if (run.control.killed.aborted || !holds.ok || !holds.value) {
    complete(state, 'skipped', run.clock.now())
    return
  }
  begin(state, run.clock.now())
  run.publish()
  context.log.group(post.name, [])
  const { outcome } = await post.run({ interrupt: new AbortController().signal, kill: run.control.killed })
  if (outcome === 'failure') context.fail()
  complete(state, outcome, run.clock.now())
  run.publish()
}

/** Returns the name that GitHub shows for a step. A name whose expressions cannot be evaluated yet stays unchanged. */
export function stepName(step: WorkflowStep, context: JobContext): string {
  const firstLine = step.work.kind === 'run' ? step.work.run.trim().split('\n')[0] : step.work.uses
  const written = step.name ?? `Run ${firstLine ?? ''}`
  const name = interpolate(written, context.scope())
  return name.ok ? name.value : written
}

async function takeStep(run: JobRun, context: JobContext, step: WorkflowStep, state: StepState): Promise<void> {
  const { clock } = run
  const holds = evaluateCondition(step.if, context.conditionScope())
  if (holds.ok && !holds.value) {
    settle(context, step, state, { conclusion: 'skipped', outcome: 'skipped' }, clock.now())
    return
  }
  state.name = stepName(step, context)
  begin(state, clock.now())
  run.publish()
  if (!holds.ok) {
    context.log.error(`The template is not valid. ${holds.message}`)
    context.fail()
    settle(context, step, state, { conclusion: 'failure', outcome: 'failure' }, clock.now())
    return
  }
  const { outcome, values } = await executeStep(run, context, step, state.name)
  const forgiven = outcome === 'failure' && booleanOf(step.continueOnError, context.scope()) === true
  if (outcome === 'failure' && !forgiven) context.fail()
  settle(context, step, state, { conclusion: forgiven ? 'success' : outcome, outcome }, clock.now(), values)
}

function settle(
  context: JobContext,
  step: WorkflowStep,
  state: StepState,
  result: { conclusion: StepConclusion; outcome: StepConclusion },
  now: number,
  values = noValues,
): void {
  complete(state, result.conclusion, now)
  context.finishStep(step.id, values, result)
}

interface Executed {
  outcome: 'success' | 'failure' | 'cancelled'
  values: StepResult['values']
}

async function executeStep(run: JobRun, context: JobContext, step: WorkflowStep, name: string): Promise<Executed> {
  const { control } = run
  const interrupt = new AbortController()
  const finished = new AbortController()
  // As in GitHub's runner, a running step continues if its `if:` is true for a cancelled job.
  const onCancel = (): void => {
    const holds = evaluateCondition(step.if, context.conditionScope())
    if (!holds.ok || !holds.value) interrupt.abort()
  }
  if (!control.cancelled.aborted) control.cancelled.addEventListener('abort', onCancel)
  const timeout = limitStep(run, context, step, { interrupt, finished: finished.signal })
  const result = await runStep(context, step, name, { interrupt: interrupt.signal, kill: control.killed })
  control.cancelled.removeEventListener('abort', onCancel)
  finished.abort()
  const minutes = await timeout
  if (minutes !== undefined) {
    context.log.error(`The action '${name}' has timed out after ${minutes} minutes.`)
    return { outcome: 'failure', values: result.values }
  }
  if (!interrupt.signal.aborted && !control.killed.aborted) return result
  context.log.error('The operation was canceled.')
  return { outcome: 'cancelled', values: result.values }
}

/** Interrupts the step after its `timeout-minutes`, and returns them if it did. GitHub's runner then treats the step as failed. */
async function limitStep(
  run: JobRun,
  context: JobContext,
  step: WorkflowStep,
  { interrupt, finished }: { interrupt: AbortController; finished: AbortSignal },
): Promise<number | undefined> {
  if (step.timeoutMinutes === undefined) return undefined
  const limit = timeLimit(step.timeoutMinutes, context.scope())
  if (limit === undefined) {
    context.log.error(`The \`timeout-minutes\` of the step is not a number of minutes: '${step.timeoutMinutes}'.`)
    context.fail()
    interrupt.abort()
    return undefined
  }
  await run.clock.sleep(limit.ms, finished)
  if (finished.aborted || interrupt.signal.aborted) return undefined
  interrupt.abort()
  return limit.minutes
}
