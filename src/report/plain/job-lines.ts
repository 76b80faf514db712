import { sanitizeLogLine, sanitize } from '../../lib/sanitize.js'
import type { Plan } from '../../model/build/plan.js'
import type { Orchestration } from '../../model/build/orchestration.js'
import type { JobEventJson } from '../../model/wire/job-events.js'
import type { EventOf } from '../event-of.js'
import { formatDuration } from '../time-text.js'
import { isAwaitingApproval } from '../../model/workflow-run.js'
import { approvalText, outcomeWords, rejectionText, statusWord } from '../views/job-view.js'
import { describeDefaultBranch } from '../views/default-branch.js'
import { failureText } from './plain-line.js'
import type { LineFormatters, PlainLine } from './plain-line.js'

/** The lines about one job. */
export const jobLines: LineFormatters<JobEventJson['type']> = {
  'dispatch-requested': ({ job, attempt }, { jobs }) => {
    const state = jobs.get(job)
    if (state?.phase !== 'dispatching' || !state.lost) return []
    return jobLine(
      job,
      'dispatching again',
      `no run of attempt ${state.lost.search.attempt} appeared; attempt ${attempt}`,
    )
  },
  'dispatch-accepted': ({ job, url }, { plan }) => jobLine(job, 'dispatched', builtText(job, url, plan)),
  'dispatch-refused': ({ job }, orchestration) => settledLines(job, orchestration),
  'dispatch-ambiguous': ({ job, failure }, { plan }) => {
    const event = plan.graph.jobs.find(({ id }) => id === job)?.event
    const isAccepted = event !== undefined && failure.httpStatus === 204
    const doubt = `for its run; it is not known whether one started: ${failureText(failure)}`
    return jobLine(job, 'searching', isAccepted ? `for the run of the event ${sanitize(event.type)}` : doubt)
  },
  'runs-listed': () => [],
  'earlier-runs-listed': () => [],
  'listing-failed': ({ job, failure }) => jobLine(job, 'not listed', `its runs: ${failureText(failure)}; retrying`),
  'run-adopted': ({ job, url }, { plan }) => jobLine(job, 'found', builtText(job, url, plan)),
  'lost-runs-listed': ({ job, attempt, found }) =>
    found.length > 1 ? jobLine(job, 'left alone', `${found.length} runs match the lost attempt ${attempt}`) : [],
  'lost-run-cancelled': ({ job, attempt, runId, failure }) =>
    failure
      ? jobLine(job, 'not cancelled', `run ${runId} of the lost attempt ${attempt}: ${failureText(failure)}; retrying`)
      : jobLine(job, 'cancelling', `run ${runId} of the lost attempt ${attempt}, which turned up late`),
  // What a waiting run waits for is read at once, and has a line of its own.
  'run-observed': ({ job, run }) =>
    run.status === 'completed' || isAwaitingApproval(run) ? [] : jobLine(job, statusWord(run.status), ''),
  'pending-deployments-read': (event) =>
    jobLine(event.job, 'waiting', `${approvalText(event)}  ${sanitize(event.url)}`),
  'run-absent': ({ job }) => jobLine(job, 'missing', 'GitHub does not find the run; retrying'),
  'observation-failed': ({ job, failure }) => jobLine(job, 'not read', `${failureText(failure)}; retrying`),
  'cancel-requested': ({ job, reason, force }) => jobLine(job, force ? 'cancelling by force' : 'cancelling', reason),
  'cancel-answered': () => [],
  'cancel-failed': ({ job, failure }) => jobLine(job, 'not cancelled', failureText(failure)),
  'rerun-requested': ({ job, fromAttempt }) =>
    jobLine(job, 'running again', `attempt ${fromAttempt} did not succeed; its failed jobs run again`),
  'rerun-answered': ({ job, failure }) => (failure ? jobLine(job, 'not run again', failureText(failure)) : []),
  'run-restarted': ({ job, run }) =>
    jobLine(job, 'running again', `rerun on GitHub: attempt ${run.runAttempt}  ${sanitize(run.url)}`),
  'job-settled': ({ job }, orchestration) => settledLines(job, orchestration),
  'job-status-requested': () => [],
  'job-status-posted': () => [],
  'job-status-failed': ({ job, failure }) =>
    jobLine(job, 'not posted', `its own status, so a later run builds it again: ${failureText(failure)}`),
  'failure-explained': explanationLines,
}

function jobLine(job: string, word: string, text: string): [PlainLine] {
  return [{ subject: sanitize(job), word, text }]
}

/** The page of a run, after the commit of the default branch if that is built. */
function builtText(job: string, url: string, { jobs }: Plan): string {
  const planned = jobs.find((each) => each.job === job)
  const built = planned === undefined ? null : describeDefaultBranch(planned)
  return [...(built === null ? [] : [built]), sanitize(url)].join('  ')
}

function settledLines(job: string, { jobs }: Orchestration): PlainLine[] {
  const state = jobs.get(job)
  if (state?.phase !== 'settled') return []
  const { outcome, reason, dispatchedAt, settledAt, url } = state
  const time = dispatchedAt === null ? '' : ` after ${formatDuration(Math.max(0, settledAt - dispatchedAt))}`
  const link = url === null ? '' : `  ${sanitize(url)}`
  return jobLine(job, `${outcomeWords[outcome]}${time}`, `${sanitize(reason)}${link}`)
}

function explanationLines({ job, explanation, failure }: EventOf<'failure-explained'>): PlainLine[] {
  if (!explanation) {
    const why = failure ? `: ${failureText(failure)}` : ''
    return jobLine(job, 'no log', `GitHub did not report where it failed${why}`)
  }
  const { workflowJob, step, url, logFailure, logTail, rejection } = explanation
  if (rejection) return jobLine(job, 'rejected', `${rejectionText(rejection)}  ${sanitize(url)}`)
  const place = [workflowJob, step].filter((part) => part !== null).map(sanitize)
  const text = [place.join(' / '), sanitize(url)].filter((part) => part !== '').join('  ')
  return [
    ...jobLine(job, 'failed at', text),
    ...(logFailure ? jobLine(job, 'no log', failureText(logFailure)) : []),
    ...logTail.flatMap((line) => jobLine(job, '|', sanitizeLogLine(line))),
  ]
}
