import type { Execution, StepConclusion, WorkflowJobState } from '../../executor.js'
import { createJobLog } from './job-log.js'
import { reusedJobs } from './reused-jobs.js'
import { parseWorkflow } from '../parse/parse-workflow.js'
import { begin, complete, queuedJob, queuedStep, snapshot } from './run-state.js'

/** The result that a script defines for a run. */
export interface ScriptedEnd {
  conclusion: string
  /** Lines that the jobs print. */
  log: string[]
  /** Name of the step that does not succeed; by default the last one. */
  failedStep?: string
  /** Name or ID of the only job that does not succeed; by default all jobs end like the run. */
  failedJob?: string
}

/** Controls the jobs and steps that the API shows for a scripted run: those of its workflow file. */
export interface ScriptedRun {
  queue(): void
  begin(): void
  /** Jobs that others need have succeeded; the rest waits for its environment. */
  wait(): void
  end(end: ScriptedEnd): void
}

interface ScriptedJob {
  state: WorkflowJobState
  needs: string[]
  /** It succeeded in the attempt before, and is not run again. */
  isReused: boolean
}

/** Shows a run as the process executor would, with times from `now` (ms, UTC). */
export function createScriptedRun(execution: Execution, now: () => number): ScriptedRun {
  const jobs = jobsOf(execution)
  const publish = (): void => execution.update(snapshot(jobs.map(({ state }) => state)))
  const running = (): ScriptedJob[] => jobs.filter(({ state, isReused }) => !isReused && state.status !== 'completed')
  return {
    queue: publish,
    begin() {
      for (const { state } of running().filter((job) => job.state.status !== 'in_progress')) {
        begin(state, now())
        for (const step of state.steps.slice(0, 1)) begin(step, now())
      }
      publish()
    },
    wait() {
      const isNeeded = ({ state }: ScriptedJob): boolean =>
        running().some(({ needs }) => needs.includes(state.key ?? ''))
      const begun = running().filter((job) => job.state.status === 'in_progress' && isNeeded(job))
      for (const { state } of begun) endJob(state, { conclusion: 'success', log: [] }, now)
      for (const { state } of running()) state.status = 'waiting'
      publish()
    },
    end(end) {
      // GitHub has no jobs for a workflow file it could not start.
      if (end.conclusion === 'startup_failure') jobs.length = 0
      for (const { state, conclusion } of conclusions(running(), end)) {
        endJob(state, { ...end, conclusion }, now)
      }
      publish()
    },
  }
}

function jobsOf({ workflowText, previous = [] }: Execution): ScriptedJob[] {
  const parsed = parseWorkflow(workflowText)
  if (!parsed.ok) {
    return [{ state: { ...queuedJob('build'), steps: [queuedStep(1, 'Run')] }, needs: [], isReused: false }]
  }
  const reused = reusedJobs(parsed.workflow, previous)
  return parsed.workflow.jobs.map((job) => {
    const [before] = reused.get(job.id)?.jobs ?? []
    const steps = job.steps.map(({ name, work }, at) =>
      queuedStep(at + 1, name ?? `Run ${work.kind === 'run' ? (work.run.split('\n')[0] ?? '') : work.uses}`),
    )
    const state = before ?? { ...queuedJob(job.name ?? job.id), key: job.id, steps }
    return { state, needs: job.needs, isReused: before !== undefined }
  })
}

/** Returns the conclusion of each job: that of the run, unless the script names one failed job. */
function conclusions(jobs: ScriptedJob[], end: ScriptedEnd): { state: WorkflowJobState; conclusion: string }[] {
  const failed = jobs.find(({ state }) => state.key === end.failedJob || state.name === end.failedJob)
  if (failed === undefined) return jobs.map(({ state }) => ({ state, conclusion: end.conclusion }))
  const needsFailed = ({ needs }: ScriptedJob): boolean =>
    jobs.some((job) => needs.includes(job.state.key ?? '') && (job === failed || needsFailed(job)))
  return jobs.map((job) => {
    if (job === failed) return { state: job.state, conclusion: end.conclusion }
    return { state: job.state, conclusion: needsFailed(job) ? 'skipped' : 'success' }
  })
}

function endJob(job: WorkflowJobState, end: ScriptedEnd, now: () => number): void {
  const conclusion = shownConclusion(end.conclusion)
  // A job that never began has no steps.
  if (end.conclusion === 'skipped') job.steps = []
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

/** Converts a conclusion of a run to one of a job: conclusions that only runs have become `skipped`. */
function shownConclusion(conclusion: string): StepConclusion {
  const shown = ['success', 'failure', 'cancelled', 'skipped', 'timed_out'] as const
  return shown.find((candidate) => candidate === conclusion) ?? 'skipped'
}
