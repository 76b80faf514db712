import { assertNever } from '../../../lib/assert-never.js'
import type { JobOutcome } from '../../../model/build/state/job-state.js'
import type { BuiltRun } from '../../../model/build/plan.js'
import { actionKey } from '../decide/actions.js'
import type { Action } from '../decide/actions.js'
import { adopt, dispatch, findReusableRun, search } from './dispatch.js'
import { cancelLost, searchLost } from './lost-dispatch.js'
import { postJobStatus } from './record.js'
import { readPendingDeployments } from './pending-deployments.js'
import { readRun } from './read-run.js'
import { cancel, explain, rerun } from './run.js'
import { lockEarlier, postStatus, verify } from './status.js'
import type { ActionOf, ActionContext } from './action-context.js'

/** Performs one action through the ports and emits the result as events. Rejects only on a bug. */
export async function perform(context: ActionContext, action: Action): Promise<void> {
  switch (action.type) {
    case 'dispatch':
      return dispatch(context, action)
    case 'observe':
      return readRun(context, action)
    case 'read-pending-deployments':
      return readPendingDeployments(context, action)
    case 'search':
      return search(context, action)
    case 'search-lost':
      return searchLost(context, action)
    case 'cancel-lost':
      return cancelLost(context, action)
    case 'find-reusable-run':
      return findReusableRun(context, action.job)
    case 'adopt':
      return adopt(context, action)
    case 'cancel':
      return cancel(context, action)
    case 'skip':
      return settle(context, action, { outcome: 'skipped', reason: action.reason })
    case 'settle':
      return settle(context, action, action)
    case 'explain':
      return explain(context, action)
    case 'rerun':
      return rerun(context, action)
    case 'lock-earlier-heads':
      return lockEarlier(context)
    case 'verify':
      return verify(context, action)
    case 'post-status':
      return postStatus(context, action)
    case 'post-job-status':
      return postJobStatus(context, action)
    case 'suspend':
      return context.emit({ type: 'suspended', failure: action.failure })
    case 'finish':
      return context.emit({ type: 'finished', ...action.ending })
    default:
      return assertNever(action)
  }
}

/** Settles a job unless an event that was journaled since the decision has changed its outcome. */
function settle(
  context: ActionContext,
  action: ActionOf<'skip' | 'settle'>,
  { outcome, reason, built }: { outcome: JobOutcome; reason: string; built?: BuiltRun },
): Promise<void> {
  const isStillSo = (): boolean => {
    const due = context.pending(actionKey(action))
    if (due?.type !== action.type || due.reason !== reason) return false
    return due.type === 'skip' || due.outcome === outcome
  }
  const event = { type: 'job-settled', job: action.job, outcome, reason, ...(built ? { built } : {}) } as const
  return context.emit(event, isStillSo)
}
