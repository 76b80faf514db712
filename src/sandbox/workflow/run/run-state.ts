import type { StepConclusion, StepState, WorkflowJobState } from '../../executor.js'

/** Returns a job that has not begun. */
export const queuedJob = (name: string): WorkflowJobState => ({
  name,
  status: 'queued',
  conclusion: null,
  startedAt: null,
  completedAt: null,
  steps: [],
  log: [],
})

/** Returns a step that has not begun. */
export const queuedStep = (number: number, name: string): StepState => ({
  number,
  name,
  status: 'queued',
  conclusion: null,
  startedAt: null,
  completedAt: null,
})

/** Marks a job or step as begun at `now` (ms, UTC). */
export function begin(state: WorkflowJobState | StepState, now: number): void {
  state.status = 'in_progress'
  state.startedAt = now
}

/** Marks a job or step as ended at `now` (ms, UTC). One that never began gets the same start time. */
export function complete(state: WorkflowJobState | StepState, conclusion: StepConclusion, now: number): void {
  state.status = 'completed'
  state.conclusion = conclusion
  state.startedAt ??= now
  state.completedAt = now
}

/** Returns a copy that later changes do not affect. */
export const snapshot = (jobs: WorkflowJobState[]): WorkflowJobState[] =>
  jobs.map((job) => ({ ...job, steps: job.steps.map((step) => ({ ...step })), log: [...job.log] }))
