import { assertNever } from '../../../lib/assert-never.js'
import type { EventBody } from '../../../model/build/events.js'
import { describeRecord, jobContext } from '../../../model/build/job-record.js'
import type { Intent } from '../../kernel/intent.js'
import { withIntent } from '../../kernel/intent.js'
import { actionKey } from '../decide/actions.js'
import { findPlanned } from './action-context.js'
import type { ActionOf, ActionContext } from './action-context.js'

/** Posts a job status. A failure does not affect the orchestration. */
export async function postJobStatus(context: ActionContext, action: ActionOf<'post-job-status'>): Promise<void> {
  const { job, repo, headSha, state } = action
  const { id, plan, jobs } = context.state()
  const settled = jobs.get(job)
  if (settled?.phase !== 'settled') return
  const { runAttempt, reason, url } = settled
  const { fingerprint } = findPlanned(context, job)
  const statusContext = jobContext(plan.graph.statusContext, job)
  const description = describeRecord({ orchestration: id, fingerprint }, reason)
  const post = { repo, headSha, context: statusContext, state, description, targetUrl: url ?? '' }
  const intent: Intent<EventBody> = {
    key: actionKey(action),
    event: () => ({ type: 'job-status-requested', job, runAttempt, context: statusContext, state, description }),
  }
  const result = await withIntent(context, intent, (beforeSend) =>
    context.github.postStatus(post, { urgent: false, last: true }, beforeSend),
  )
  switch (result.kind) {
    case 'withheld':
      return
    case 'posted':
      return context.emit({ type: 'job-status-posted', job, runAttempt, status: result.status })
    case 'failed':
      return context.emit({ type: 'job-status-failed', job, runAttempt, failure: result.failure })
    default:
      return assertNever(result)
  }
}
