import { assertNever } from '../../../lib/assert-never.js'
import { describeRecord, jobContext } from '../../../model/build/job-record.js'
import { findPlanned, isStillDue } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'

/** Posts a job's own status. Whether it can be posted changes nothing for the orchestration. */
export async function postJobStatus(stage: ActionContext, action: ActionOf<'post-job-status'>): Promise<void> {
  const { job, repo, headSha, state } = action
  const { id, plan, jobs } = stage.state()
  const settled = jobs.get(job)
  if (settled?.phase !== 'settled') return
  const { runAttempt, reason, url } = settled
  const { fingerprint } = findPlanned(stage, job)
  const context = jobContext(plan.graph.statusContext, job)
  const description = describeRecord({ orchestration: id, fingerprint }, reason)
  const result = await stage.github.postStatus(
    { repo, headSha, context, state, description, targetUrl: url ?? '' },
    { urgent: false, last: true },
    () =>
      stage.emitIf(() => isStillDue(stage, action), {
        type: 'job-status-requested',
        job,
        runAttempt,
        context,
        state,
        description,
      }),
  )
  switch (result.kind) {
    case 'withheld':
      return
    case 'posted':
      return stage.emit({ type: 'job-status-posted', job, runAttempt, status: result.status })
    case 'failed':
      return stage.emit({ type: 'job-status-failed', job, runAttempt, failure: result.failure })
    default:
      return assertNever(result)
  }
}
