import type { Execution, StepConclusion, WorkflowJobState } from '../executor.js'
import { createJobLog } from './job-log.js'
import { parseWorkflow } from './parse-workflow.js'
import { begin, complete, queuedJob, queuedStep, snapshot } from './run-state.js'

/** What a scripted run shows when it ends. */
export interface ScriptedEnd {
  conclusion: string
  /** Lines that its jobs print. */
  log: string[]
  /** Name of the step that does not succeed; without it, the last step. */
  failedStep?: string
}

/** The jobs and steps that the API shows for a run that a script drives: those of its workflow file. */
export interface ScriptedRun {
  queue(): void
  begin(): void
  end(end: ScriptedEnd): void
}

/** Shows a run as the process executor would, with times from `now` (ms, UTC). */
export function createScriptedRun(execution: Execution, now: () => number): ScriptedRun {
  const jobs = jobsOf(execution.workflowText)
  const publish = (): void => execution.update(snapshot(jobs))
  return {
    queue: publish,
    begin() {
      for (const job of jobs) {
        begin(job, now())
        for (const step of job.steps.slice(0, 1)) begin(step, now())
      }
      publish()
    },
    end(end) {
      // GitHub has no jobs for a workflow file it could not start.
      if (end.conclusion === 'startup_failure') jobs.length = 0
      for (const job of jobs) endJob(job, end, now)
      publish()
    },
  }
}

function jobsOf(workflowText: string): WorkflowJobState[] {
  const parsed = parseWorkflow(workflowText)
  if (!parsed.ok) return [{ ...queuedJob('build'), steps: [queuedStep(1, 'Run')] }]
  return parsed.workflow.jobs.map((job) => ({
    ...queuedJob(job.name ?? job.id),
    steps: job.steps.map(({ name, work }, at) =>
      queuedStep(at + 1, name ?? `Run ${work.kind === 'run' ? (work.run.split('\n')[0] ?? '') : work.uses}`),
    ),
  }))
}

function endJob(job: WorkflowJobState, end: ScriptedEnd, now: () => number): void {
  const conclusion = shownConclusion(end.conclusion)
  const named = job.steps.findIndex((step) => step.name === end.failedStep)
  const last = conclusion === 'success' ? job.steps.length : named === -1 ? job.steps.length - 1 : named
  const log = createJobLog(now)
  for (const [at, step] of job.steps.entries()) {
    complete(step, at < last ? 'success' : at === last ? conclusion : 'skipped', now())
    if (at <= last) log.group(step.name, [])
    if (at === Math.min(last, job.steps.length - 1)) end.log.forEach((line) => log.write(line))
  }
  if (conclusion === 'failure') log.error('Process completed with exit code 1.')
  if (conclusion === 'cancelled') log.error('The operation was canceled.')
  job.log = log.lines
  complete(job, conclusion, now())
}

/** Conclusions that only a whole run can have show as skipped jobs. */
function shownConclusion(conclusion: string): StepConclusion {
  const shown = ['success', 'failure', 'cancelled', 'skipped', 'timed_out'] as const
  return shown.find((candidate) => candidate === conclusion) ?? 'skipped'
}
