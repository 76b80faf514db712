import { currentAttempt } from '../core/runs.js'
import type { Answer } from '../http/answer.js'
import { json, notFound } from '../http/answer.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission } from '../http/call.js'
import { paged, pageOf, readPage } from '../http/pagination.js'
import { presentJob } from '../present/run.js'
import type { RunAttempt, WorkflowJob, WorkflowRun } from '../state/model.js'
import { findAttempt, findRun, isShown } from './runs.js'

const read = permission('actions', 'read')
const RUN = '/actions/runs/{run_id}'

/** Jobs of workflow runs and their logs. */
export const jobRoutes: RepositoryRoute[] = [
  { method: 'GET', path: `${RUN}/jobs`, permissions: [read], handle: listJobs },
  { method: 'GET', path: `${RUN}/attempts/{attempt_number}/jobs`, permissions: [read], handle: listAttemptJobs },
  { method: 'GET', path: '/actions/jobs/{job_id}', permissions: [read], handle: getJob },
  { method: 'GET', path: '/actions/jobs/{job_id}/logs', permissions: [read], handle: getLogs },
]

interface FoundJob {
  run: WorkflowRun
  attempt: RunAttempt
  job: WorkflowJob
}

function jobsOf(run: WorkflowRun, attempts: RunAttempt[]): FoundJob[] {
  return attempts.flatMap((attempt) => attempt.jobs.map((job) => ({ run, attempt, job })))
}

function answerJobs(call: RepositoryCall, jobs: FoundJob[]): Answer {
  const page = pageOf(jobs, readPage(call.query))
  return paged(call, jobs.length, {
    total_count: jobs.length,
    jobs: page.map((found) => presentJob(call.world, call.repository, found)),
  })
}

function listJobs(call: RepositoryCall): Answer {
  const run = findRun(call)
  if (run === undefined) return notFound()
  return answerJobs(call, jobsOf(run, call.query.get('filter') === 'all' ? run.attempts : [currentAttempt(run)]))
}

function listAttemptJobs(call: RepositoryCall): Answer {
  const run = findRun(call)
  const attempt = run && findAttempt(call, run)
  if (run === undefined || attempt === undefined) return notFound()
  return answerJobs(call, jobsOf(run, [attempt]))
}

function findJob(call: RepositoryCall): FoundJob | undefined {
  const id = Number(call.params.job_id)
  const run = call.world.directory.runOfJob(id)
  if (run?.repositoryId !== call.repository.id || !isShown(call, run)) return undefined
  return jobsOf(run, run.attempts).find(({ job }) => job.id === id)
}

function getJob(call: RepositoryCall): Answer {
  const found = findJob(call)
  return found === undefined ? notFound() : json(presentJob(call.world, call.repository, found))
}

/** Redirects to the log. As on GitHub, its URL is valid for a minute and needs no token. */
function getLogs(call: RepositoryCall): Answer {
  const found = findJob(call)
  if (found === undefined || call.world.logs.read(found.job.id) === null) return notFound()
  return { status: 302, headers: { location: `${call.world.webUrl()}${call.world.logLinks.create(found.job.id)}` } }
}
