import type { Job } from '../../../model/graph.js'
import type { RunningJob } from '../../../model/build/state/job-state.js'
import type { RunReading } from '../../../ports/host/builds.js'
import { attemptDeadline } from '../state/attempt-deadline.js'
import { findJob, findPlanned } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'
import { observe } from './observe.js'

/** Reads the run of a job from GitHub. */
export async function readRun(context: ActionContext, { job }: ActionOf<'observe'>): Promise<void> {
  const before = context.state().jobs.get(job)
  const requestedAt = context.clock.now()
  const reading = await readFor(context, job)
  // If the job settled or restarted while its run was read, the reading is outdated.
  if (reading === null || context.state().jobs.get(job)?.phase !== before?.phase) return
  await observe(context, job, { reading, requestedAt })
}

async function readFor(context: ActionContext, id: string): Promise<RunReading | null> {
  const job = findJob(context, id)
  const state = context.state().jobs.get(id)
  if (state?.phase === 'running') return readRunning(context, job, state)
  return state?.phase === 'settled' && state.runId !== null ? context.github.readRun(job.repo, state.runId) : null
}

/** Reads the run without its attempt if possible, because such a reading costs GitHub less. */
async function readRunning(context: ActionContext, job: Job, before: RunningJob): Promise<RunReading> {
  const { clock, github } = context
  const { id, repo } = job
  const { runId } = before
  if (needsAttempt(job, before, clock.now())) return github.readRun(repo, runId)
  const { headSha } = findPlanned(context, id)
  const reading = await github.readRun(repo, runId, { withAttempt: false, headSha })
  // The attempt may be needed now: a rerun was requested or a deadline passed during the reading.
  const now = context.state().jobs.get(id)
  const isMissing = reading.kind === 'run' && reading.run.runAttempt === null
  if (!isMissing || now?.phase !== 'running' || !needsAttempt(job, now, clock.now())) return reading
  return github.readRun(repo, runId)
}

/** Whether the reading must contain the attempt: each attempt has its own deadline and its own conclusion. */
function needsAttempt(job: Job, state: RunningJob, now: number): boolean {
  const { run } = state.observation
  return state.rerun !== null || run?.status === 'completed' || now >= attemptDeadline(job, state).at
}
