import { assertNever } from '../../../lib/assert-never.js'
import type { JobOutcome } from '../../../model/build/orchestration.js'
import type { BuiltRun } from '../../../model/build/plan.js'
import { actionKey } from '../decide/actions.js'
import type { Action } from '../decide/actions.js'
import { adopt, dispatch, findReusableRun, search } from './dispatch.js'
import { postJobStatus } from './record.js'
import { cancel, explain, observe, rerun } from './run.js'
import { lockEarlier, postStatus, verify } from './status.js'
import type { ActionOf, ActionContext } from './action-context.js'

/** Performs one action through the ports and tells what happened as events. Rejects only on a bug. */
export async function perform(stage: ActionContext, action: Action): Promise<void> {
  switch (action.type) {
    case 'dispatch':
      return dispatch(stage, action)
    case 'observe':
      return observe(stage, action)
    case 'search':
      return search(stage, action)
    case 'find-reusable-run':
      return findReusableRun(stage, action.job)
    case 'adopt':
      return adopt(stage, action)
    case 'cancel':
      return cancel(stage, action)
    case 'skip':
      return settle(stage, action, { outcome: 'skipped', reason: action.reason })
    case 'settle':
      return settle(stage, action, action)
    case 'explain':
      return explain(stage, action)
    case 'rerun':
      return rerun(stage, action)
    case 'lock-earlier-heads':
      return lockEarlier(stage)
    case 'verify':
      return verify(stage, action)
    case 'post-status':
      return postStatus(stage, action)
    case 'post-job-status':
      return postJobStatus(stage, action)
    case 'suspend':
      return stage.emit({ type: 'suspended', failure: action.failure })
    case 'finish':
      return stage.emit({ type: 'finished', ...action.ending })
    default:
      return assertNever(action)
  }
}

/** A reading that was journaled in the meantime may have changed how the job ends. */
function settle(
  stage: ActionContext,
  action: ActionOf<'skip' | 'settle'>,
  { outcome, reason, built }: { outcome: JobOutcome; reason: string; built?: BuiltRun },
): Promise<void> {
  const isStillSo = (): boolean => {
    const due = stage.pending(actionKey(action))
    if (due?.type !== action.type || due.reason !== reason) return false
    return due.type === 'skip' || due.outcome === outcome
  }
  const event = { type: 'job-settled', job: action.job, outcome, reason, ...(built ? { built } : {}) } as const
  return stage.emit(event, isStillSo)
}
