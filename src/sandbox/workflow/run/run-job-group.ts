import { setMaxListeners } from 'node:events'
import type { DeploymentVerdict, StepConclusion, WorkflowJobState } from '../../executor.js'
import { evaluateCondition, evaluateText, interpolate } from '../expression/expression.js'
import type { Evaluated, Scope } from '../expression/expression.js'
import type { StatusFunctions } from '../expression/expression-functions.js'
import type { Value } from '../expression/expression-value.js'
import { createJobControl } from './job-control.js'
import { createJobLog } from './job-log.js'
import { combinations, combinationSuffix, maximumCombinations } from '../parse/matrix.js'
import type { Combination } from '../parse/matrix.js'
import type { Matrix, WorkflowJob } from '../parse/model.js'
import { booleanOf } from '../expression/evaluate-setting.js'
import { runJob } from './run-job.js'
import type { JobResult } from './run-job.js'
import { begin, complete, queuedJob } from './run-state.js'
import type { WorkflowRunContext } from './run-context.js'

/** The result of a job of the file, over all combinations of its matrix. A failure with `continue-on-error` counts as a success. */
export interface GroupResult {
  result: 'success' | 'failure' | 'cancelled' | 'skipped'
  outputs: Record<string, string>
}

/** A job of the file whose needs have all ended. */
export interface JobGroup {
  run: WorkflowRunContext
  job: WorkflowJob
  needs: ReadonlyMap<string, GroupResult>
  /** Returns the results of the status functions for its `if:`, with or without a cancel. */
  status(cancelled: boolean): StatusFunctions
  /** Replaces the states that the API shows for the job. */
  show(jobs: WorkflowJobState[]): void
}

/** Executes a job of the file, once for each combination of its matrix, or skips it. */
export async function runJobGroup(group: JobGroup): Promise<GroupResult> {
  const { execution } = group.run
  const contexts = { ...group.run.contexts, needs: needsContext(group.needs) }
  const holds = (cancelled: boolean): Evaluated<boolean> =>
    evaluateCondition(group.job.if, { contexts, status: group.status(cancelled) })
  const now = holds(execution.cancelled.aborted)
  if (!now.ok) return refuse(group, `The \`if\` of the job is not valid. ${now.message}`)
  if (execution.killed.aborted) return end(group, 'cancelled')
  if (!now.value) {
    const otherwise = holds(false)
    // GitHub shows a job as cancelled if only the cancel prevents it from running.
    return end(group, otherwise.ok && otherwise.value ? 'cancelled' : 'skipped')
  }
  const runs = expandMatrix(group.job.matrix, { contexts })
  if (!runs.ok) return refuse(group, `The matrix of the job is not valid. ${runs.message}`)
  if (runs.value.length === 0) return end(group, 'skipped')
  return runCombinations(group, contexts, runs.value, () => {
    const after = holds(true)
    return after.ok && after.value
  })
}

/** Returns the result of a job that is reused from an earlier attempt. */
export function reusedResult(jobs: WorkflowJobState[]): GroupResult {
  const outputs = Object.assign({}, ...jobs.map((job) => job.outputs)) as Record<string, string>
  return { result: jobs.every(({ conclusion }) => conclusion === 'skipped') ? 'skipped' : 'success', outputs }
}

function needsContext(needs: ReadonlyMap<string, GroupResult>): Record<string, Value> {
  return Object.fromEntries([...needs].map(([id, { result, outputs }]) => [id, { result, outputs }]))
}

function end(group: JobGroup, conclusion: 'cancelled' | 'skipped'): GroupResult {
  const state = queuedJob(group.job.name ?? group.job.id)
  complete(state, conclusion, group.run.machine.clock.now())
  group.show([state])
  group.run.publish()
  return { result: conclusion, outputs: {} }
}

function refuse(group: JobGroup, message: string): GroupResult {
  const { clock } = group.run.machine
  const state = queuedJob(group.job.name ?? group.job.id)
  failAtOnce(state, message, () => clock.now())
  group.show([state])
  group.run.publish()
  return { result: 'failure', outputs: {} }
}

function failAtOnce(state: WorkflowJobState, message: string, now: () => number): void {
  logTo(state, message, now)
  begin(state, now())
  complete(state, 'failure', now())
}

function logTo(state: WorkflowJobState, message: string, now: () => number): void {
  const log = createJobLog(now)
  log.error(message)
  state.log = [...state.log, ...log.lines]
}

function expandMatrix(matrix: Matrix | undefined, scope: Scope): Evaluated<Combination[]> {
  if (matrix === undefined) return { ok: true, value: [{}] }
  const dimensions: Record<string, Value[]> = {}
  for (const [name, written] of Object.entries(matrix.dimensions)) {
    const list = listOf(name, written, scope)
    if (!list.ok) return list
    dimensions[name] = list.value
  }
  const include = listOf('include', matrix.include, scope)
  const exclude = listOf('exclude', matrix.exclude, scope)
  if (!include.ok) return include
  if (!exclude.ok) return exclude
  const size = Object.values(dimensions).reduce((product, list) => product * list.length, 1)
  if (size + include.value.length > maximumCombinations) {
    return { ok: false, message: `It has more than ${maximumCombinations} combinations.` }
  }
  return { ok: true, value: combinations(dimensions, include.value, exclude.value) }
}

function listOf(name: string, written: Value[] | string, scope: Scope): Evaluated<Value[]> {
  if (typeof written !== 'string') return { ok: true, value: written }
  const list = evaluateText(written, scope)
  if (!list.ok) return list
  return Array.isArray(list.value)
    ? { ok: true, value: list.value }
    : { ok: false, message: `\`${name}\` is not a list: '${written}'.` }
}

interface CombinationRun {
  group: JobGroup
  contexts: Record<string, Value>
  state: WorkflowJobState
  /** It succeeded in the attempt before, and is not run again. */
  isReused: boolean
  holdsAfterCancel: () => boolean
  /** Aborted when another combination fails and `fail-fast` is true. */
  failedFast: AbortController
}

async function runCombinations(
  group: JobGroup,
  shared: Record<string, Value>,
  list: Combination[],
  holdsAfterCancel: () => boolean,
): Promise<GroupResult> {
  const failFast = booleanOf(group.job.failFast, { contexts: shared }) ?? true
  const failedFast = new AbortController()
  setMaxListeners(0, failedFast.signal)
  const runs = list.map((matrix, index): CombinationRun => {
    const strategy = { 'job-index': index, 'job-total': list.length, 'fail-fast': failFast }
    const contexts = { ...shared, matrix, strategy }
    const name = jobName(group.job, contexts, matrix)
    const before = group.run.reused.get(group.job.id)?.jobs.find((job) => job.name === name)
    const state = before ?? queuedJob(name)
    return { group, contexts, state, isReused: before !== undefined, holdsAfterCancel, failedFast }
  })
  group.show(runs.map((run) => run.state))
  group.run.publish()
  const results = await Promise.all(
    runs.map(async (run) => {
      const result = run.isReused ? reusedResult([run.state]) : await runCombination(run)
      if (result.result === 'failure' && failFast) failedFast.abort()
      return result
    }),
  )
  const outputs = Object.assign({}, ...results.map((result) => result.outputs)) as Record<string, string>
  const found = (['failure', 'cancelled'] as const).find((result) => results.some((one) => one.result === result))
  return { result: found ?? 'success', outputs }
}

function jobName(job: WorkflowJob, contexts: Record<string, Value>, matrix: Combination): string {
  const name = interpolate(job.name ?? `${job.id}${combinationSuffix(matrix)}`, { contexts })
  return name.ok ? name.value : (job.name ?? job.id)
}

async function runCombination(combination: CombinationRun): Promise<GroupResult> {
  const { group, state, contexts, failedFast } = combination
  const { execution, machine, workflow } = group.run
  const publish = (): void => group.run.publish()
  const control = createJobControl(machine.clock, execution, combination.holdsAfterCancel)
  failedFast.signal.addEventListener('abort', () => control.cancel())
  let release: (() => void) | undefined
  try {
    const verdict = await enterEnvironment(combination, control.cancelled)
    if (verdict !== 'approved') {
      return settle(combination, { conclusion: verdict === 'rejected' ? 'failure' : 'cancelled', outputs: {} })
    }
    release = await machine.slots.take(control.cancelled)
    if (release === undefined) return settle(combination, { conclusion: 'cancelled', outputs: {} })
    const { clock, workDirectory } = machine
    const run = { execution, workflow, job: group.job, contexts, control, clock, workDirectory, state, publish }
    return settle(combination, await runJob(run))
  } catch (error) {
    if (!isSystemError(error)) throw error
    failAtOnce(state, `The sandbox could not execute the job: ${error.message}`, () => machine.clock.now())
    publish()
    return { result: 'failure', outputs: {} }
  } finally {
    control.finish()
    release?.()
  }
}

/** Waits for the protection rules of the job's environment. */
async function enterEnvironment(
  { group, state, contexts }: CombinationRun,
  stop: AbortSignal,
): Promise<DeploymentVerdict> {
  const { execution, machine } = group.run
  if (group.job.environment === undefined) return 'approved'
  const name = interpolate(group.job.environment, { contexts })
  if (!name.ok) {
    failAtOnce(state, `The environment of the job is not valid. ${name.message}`, () => machine.clock.now())
    return 'rejected'
  }
  const review = name.value === '' ? null : execution.requestDeployment(name.value, stop)
  if (review === null) return 'approved'
  state.status = 'waiting'
  group.run.publish()
  const verdict = await review
  state.status = 'queued'
  if (verdict === 'rejected') logTo(state, 'The deployment was rejected by a reviewer.', () => machine.clock.now())
  group.run.publish()
  return verdict
}

function settle({ group, state, contexts }: CombinationRun, result: JobResult): GroupResult {
  const conclusion: StepConclusion = result.conclusion
  complete(state, conclusion, group.run.machine.clock.now())
  state.outputs = result.outputs
  group.run.publish()
  const forgiven = conclusion === 'failure' && booleanOf(group.job.continueOnError, { contexts }) === true
  return { result: forgiven ? 'success' : result.conclusion, outputs: result.outputs }
}

/** Returns whether an error comes from the machine, such as a full disk or a read-only folder, and is not a bug. */
const isSystemError = (error: unknown): error is NodeJS.ErrnoException => error instanceof Error && 'syscall' in error
