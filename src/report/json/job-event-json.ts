import type { JobEventJson, WorkflowRunJson } from '../../model/wire/job-events.js'
import type { WorkflowRun } from '../../model/workflow-run.js'
import { builtRunJson, failureJson, pendingDeploymentsJson, runFailureJson } from './common-json.js'
import type { EventPresenters } from './event-presenter.js'

function runJson({ id, status, conclusion, runAttempt, headSha, url }: WorkflowRun): WorkflowRunJson {
  return { id, status, conclusion, runAttempt, headSha, url }
}

/** The lines about one job. */
export const jobEventPresenters: EventPresenters<JobEventJson['type']> = {
  'dispatch-requested': (line, { job, attempt }) => ({ ...line, job, attempt }),
  'dispatch-accepted': (line, { job, attempt, runId, url }) => ({ ...line, job, attempt, runId, url }),
  'dispatch-refused': (line, { job, attempt, failure }) => ({ ...line, job, attempt, failure: failureJson(failure) }),
  'dispatch-ambiguous': (line, { job, attempt, failure }) => ({ ...line, job, attempt, failure: failureJson(failure) }),
  'runs-listed': (line, { job, found }) => ({ ...line, job, found: found.map(({ runId, url }) => ({ runId, url })) }),
  'earlier-runs-listed': (line, { job, found }) => ({
    ...line,
    job,
    found: found.map(({ runId, url, conclusion }) => ({ runId, url, conclusion })),
  }),
  'listing-failed': (line, { job, failure }) => ({ ...line, job, failure: failureJson(failure) }),
  'run-adopted': (line, { job, attempt, runId, url }) => ({ ...line, job, attempt, runId, url }),
  'lost-runs-listed': (line, { job, attempt, found, failure }) => ({
    ...line,
    job,
    attempt,
    found: found.map(({ runId, url }) => ({ runId, url })),
    failure: failure && failureJson(failure),
  }),
  'lost-run-cancelled': (line, { job, attempt, runId, failure }) => ({
    ...line,
    job,
    attempt,
    runId,
    failure: failure && failureJson(failure),
  }),
  'run-observed': (line, { job, run }) => ({ ...line, job, run: runJson(run) }),
  'run-absent': (line, { job }) => ({ ...line, job }),
  'observation-failed': (line, { job, failure }) => ({ ...line, job, failure: failureJson(failure) }),
  'pending-deployments-read': (line, { job, runId, url, deployments, failure }) => ({
    ...line,
    job,
    runId,
    url,
    deployments: pendingDeploymentsJson(deployments),
    failure: failure && failureJson(failure),
  }),
  'cancel-requested': (line, { job, runId, reason, force }) => ({ ...line, job, runId, reason, force }),
  'cancel-answered': (line, { job, runId, result }) => ({ ...line, job, runId, result }),
  'cancel-failed': (line, { job, runId, failure }) => ({ ...line, job, runId, failure: failureJson(failure) }),
  'rerun-requested': (line, { job, runId, fromAttempt }) => ({ ...line, job, runId, fromAttempt }),
  'rerun-answered': (line, { job, runId, result, failure }) => ({
    ...line,
    job,
    runId,
    result,
    failure: failure && failureJson(failure),
  }),
  'run-restarted': (line, { job, run }) => ({ ...line, job, run: runJson(run) }),
  'job-settled': (line, { job, outcome, reason, built }) => ({
    ...line,
    job,
    outcome,
    reason,
    built: builtRunJson(built),
  }),
  'job-status-requested': (line, { job, context, state, description }) => ({
    ...line,
    job,
    context,
    state,
    description,
  }),
  'job-status-posted': (line, { job, status: { context, state } }) => ({ ...line, job, context, state }),
  'job-status-failed': (line, { job, failure }) => ({ ...line, job, failure: failureJson(failure) }),
  'failure-explained': (line, { job, explanation, failure }) => ({
    ...line,
    job,
    explanation: explanation && runFailureJson(explanation),
    failure: failure && failureJson(failure),
  }),
}
