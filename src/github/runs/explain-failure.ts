import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { RunFailure } from '../../model/workflow-run.js'
import type { FailedRun } from '../../ports/host/builds.js'
import type { Read } from '../../ports/host/read.js'
import { classifyError } from '../api/classify.js'
import { createLogTail } from './job-log.js'
import { field, list } from '../api/fields.js'
import { toWorkflowJob, type WorkflowJob, type WorkflowStep } from '../api/payload.js'
import { repoPath } from '../http/path.js'
import { needs } from '../api/permissions.js'
import type { Ask } from '../api/ask.js'
import type { Requests } from '../api/requests.js'
import { readRejection } from './pending-deployments.js'
import { NoAnswer } from '../http/no-answer.js'
import type { Transport } from '../http/transport.js'

interface Sources {
  requests: Requests
  transport: Transport
}

/** Where a run attempt failed: its first failed workflow job and step, with the last lines of that step's log, or who rejected its deployment. */
export async function explainFailure(sources: Sources, repo: RepoName, run: FailedRun): Promise<Read<RunFailure>> {
  const rejected = run.hasWaited === true ? await readRejection(sources.requests, repo, run.runId) : null
  if (rejected && !rejected.ok) return rejected
  if (rejected?.value) {
    const nothing = { workflowJob: null, step: null, logTail: [] }
    return { ok: true, value: { ...nothing, url: run.url, rejection: rejected.value } }
  }
  const jobs = await readJobs(sources.requests, repo, run)
  if (!jobs.ok) return jobs
  const job = firstFailed(jobs.value)
  if (job === null) return { ok: true, value: { workflowJob: null, step: null, url: run.url, logTail: [] } }
  const step = job.steps.find(isFailed) ?? job.steps.find(isStopped) ?? null
  const log = await readLogTail(sources, repo, job, step)
  return {
    ok: true,
    value: {
      workflowJob: job.name,
      step: step?.name ?? null,
      url: job.url === '' ? run.url : job.url,
      logTail: log.ok ? log.value : [],
      ...(log.ok ? {} : { logFailure: log.failure }),
    },
  }
}

/** GET /repos/{owner}/{repo}/actions/runs/{run_id}/attempts/{attempt_number}/jobs */
function readJobs(
  requests: Requests,
  repo: RepoName,
  { runId, runAttempt }: { runId: number; runAttempt: number },
): Promise<Read<WorkflowJob[]>> {
  return requests.getPages(
    {
      repo,
      need: needs.readRuns,
      thing: `attempt ${runAttempt} of workflow run ${runId} of ${repo}`,
      path: repoPath(repo, 'actions', 'runs', runId, 'attempts', runAttempt, 'jobs'),
    },
    (body) => list(field(body, 'jobs')).map(toWorkflowJob),
  )
}

/** The workflow job that completed first: the ones that were cancelled because of it are not the cause. */
function firstFailed(jobs: readonly WorkflowJob[]): WorkflowJob | null {
  const byCompletion = [...jobs].sort((a, b) => (a.completedAt === b.completedAt ? 0 : a.completedAt - b.completedAt))
  return byCompletion.find(isFailed) ?? byCompletion.find(isStopped) ?? null
}

function isFailed({ conclusion }: { conclusion: string | null }): boolean {
  return conclusion === 'failure' || conclusion === 'timed_out' || conclusion === 'startup_failure'
}

function isStopped({ conclusion }: { conclusion: string | null }): boolean {
  return conclusion !== null && !['success', 'skipped', 'neutral'].includes(conclusion)
}

/**
 * GET /repos/{owner}/{repo}/actions/jobs/{job_id}/logs: a redirect to a signed address of another server, which is read
 * without the token (law 7). A missing or expired log is empty.
 */
async function readLogTail(
  { requests, transport }: Sources,
  repo: RepoName,
  job: WorkflowJob,
  step: WorkflowStep | null,
): Promise<Read<string[]>> {
  const path = repoPath(repo, 'actions', 'jobs', job.id, 'logs')
  const ask: Ask = { repo, need: needs.readRuns, thing: `the log of workflow job ${job.id} of ${repo}`, path }
  const location = await requests.getRedirect(ask)
  if (!location.ok) return isGone(location.failure) ? { ok: true, value: [] } : location
  const tail = createLogTail(step)
  try {
    const status = await transport.download(location.value, tail.take)
    if (status === 404 || status === 410) return { ok: true, value: [] }
    if (status !== 200) return { ok: false, failure: logFailure(repo, location.value, status) }
    return { ok: true, value: tail.end() }
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error
    return { ok: false, failure: classifyError(ask, error.cause, location.value.host).failure }
  }
}

function isGone(failure: Failure): boolean {
  return failure.kind === 'not-found' || failure.httpStatus === 410
}

function logFailure(repo: RepoName, { host }: URL, status: number): Failure {
  return {
    kind: 'unexpected-answer',
    message: `${host} answered ${status} instead of the log`,
    repo,
    httpStatus: status,
  }
}
