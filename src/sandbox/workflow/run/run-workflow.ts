import { setMaxListeners } from 'node:events'
import type { Execution, ExecutionResult, WorkflowJobState } from '../../executor.js'
import type { StatusFunctions } from '../expression/expression-functions.js'
import type { Value } from '../expression/expression-value.js'
import type { Workflow, WorkflowJob } from '../parse/model.js'
import type { Machine, WorkflowRunContext } from './run-context.js'
import { githubContext } from './run-environment.js'
import { reusedJobs } from './reused-jobs.js'
import type { ReusedJob } from './reused-jobs.js'
import { reusedResult, runJobGroup } from './run-job-group.js'
import type { GroupResult } from './run-job-group.js'
import { queuedJob, snapshot } from './run-state.js'

/** A job of the graph that has ended, with the jobs that it needs directly or indirectly. */
interface Settled {
  group: GroupResult
  ancestors: ReadonlyMap<string, GroupResult>
}

/** Executes the jobs of a run in the order of their `needs`, and independent jobs in parallel. */
export async function runWorkflow(
  workflow: Workflow,
  inputs: Record<string, Value>,
  execution: Execution,
  machine: Machine,
): Promise<ExecutionResult> {
  const reused = reusedJobs(workflow, execution.previous ?? [])
  const states = new Map<string, WorkflowJobState[]>(workflow.jobs.map((job) => [job.id, initialStates(job, reused)]))
  const publish = (): void => {
    const keyed = Array.from(states, ([key, jobs]) => jobs.map((job) => ({ ...job, key })))
    execution.update(snapshot(keyed.flat()))
  }
  const contexts = { github: githubContext(execution, workflow.name), inputs, vars: {}, secrets: {} }
  const run: WorkflowRunContext = { execution, workflow, machine, contexts, reused, publish }
  // Each job adds a listener, and a matrix may have many jobs.
  setMaxListeners(0, execution.cancelled, execution.killed)
  publish()
  const begun = new Map<string, Promise<Settled>>()
  const settle = (job: WorkflowJob): Promise<Settled> => {
    const settled = begun.get(job.id) ?? settleJob(run, job, settle, (jobs) => states.set(job.id, jobs))
    begun.set(job.id, settled)
    return settled
  }
  const settled = await Promise.all(workflow.jobs.map(settle))
  publish()
  return { conclusion: conclusionOf(settled.map(({ group }) => group)) }
}

function initialStates(job: WorkflowJob, reused: ReadonlyMap<string, ReusedJob>): WorkflowJobState[] {
  const known = reused.get(job.id)
  return known?.isWhole === true ? known.jobs : [queuedJob(job.name ?? job.id)]
}

async function settleJob(
  run: WorkflowRunContext,
  job: WorkflowJob,
  settle: (job: WorkflowJob) => Promise<Settled>,
  show: (jobs: WorkflowJobState[]) => void,
): Promise<Settled> {
  const needed = run.workflow.jobs.filter((candidate) => job.needs.includes(candidate.id))
  const needs = new Map<string, GroupResult>()
  const ancestors = new Map<string, GroupResult>()
  for (const need of needed) {
    const settled = await settle(need)
    needs.set(need.id, settled.group)
    for (const [id, group] of settled.ancestors) ancestors.set(id, group)
    ancestors.set(need.id, settled.group)
  }
  const reused = run.reused.get(job.id)
  if (reused?.isWhole === true) return { group: reusedResult(reused.jobs), ancestors }
  const status = (cancelled: boolean): StatusFunctions => statusOf([...ancestors.values()], cancelled)
  return { group: await runJobGroup({ run, job, needs, status, show }), ancestors }
}

/** Returns the status functions of a job. As on GitHub, they cover all jobs that it needs directly or indirectly. */
function statusOf(ancestors: GroupResult[], cancelled: boolean): StatusFunctions {
  const results = ancestors.map((group) => group.result)
  return {
    success: !cancelled && results.every((result) => result === 'success'),
    failure: !cancelled && results.includes('failure'),
    cancelled,
  }
}

/** Returns the conclusion of a run from those of its jobs. One failed job makes it a failure, even if others were cancelled. */
function conclusionOf(groups: GroupResult[]): ExecutionResult['conclusion'] {
  const results = groups.map((group) => group.result)
  if (results.includes('failure')) return 'failure'
  if (results.includes('cancelled')) return 'cancelled'
  return results.every((result) => result === 'skipped') ? 'skipped' : 'success'
}
