import { environmentsById } from '../core/environments.js'
import { currentAttempt } from '../core/runs.js'
import type { Answer } from '../http/answer.js'
import { failure, invalidRequest, json, notFound } from '../http/answer.js'
import { readFields } from '../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission, requireActor } from '../http/call.js'
import { presentDeployment, presentPendingDeployment, presentReview } from '../present/environment.js'
import type { Environment, PendingDeployment, WorkflowRun } from '../state/model.js'
import { findRun } from './runs.js'

const APPROVALS = '/actions/runs/{run_id}/approvals'
const PENDING = '/actions/runs/{run_id}/pending_deployments'

/** The deployments that a run waits for, and their reviews. */
export const deploymentRoutes: RepositoryRoute[] = [
  { method: 'GET', path: PENDING, permissions: [permission('actions', 'read')], handle: listPending },
  { method: 'GET', path: APPROVALS, permissions: [permission('actions', 'read')], handle: listReviews },
  { method: 'POST', path: PENDING, permissions: [permission('deployments', 'write')], handle: review },
]

interface Pending {
  environment: Environment
  pending: PendingDeployment
}

function pendingOf(call: RepositoryCall, run: WorkflowRun): Pending[] {
  return (currentAttempt(run).pendingDeployments ?? []).flatMap((pending) =>
    environmentsById(call.repository, [pending.environmentId]).map((environment) => ({ environment, pending })),
  )
}

/** Whether the caller may approve: a reviewer, unless the environment forbids reviews by the user who started the run. */
function canApprove({ actor }: RepositoryCall, run: WorkflowRun, environment: Environment): boolean {
  const id = actor?.account.id ?? null
  if (id === null || !environment.reviewerIds.includes(id)) return false
  return !environment.preventSelfReview || currentAttempt(run).triggeringActorId !== id
}

function listPending(call: RepositoryCall): Answer {
  const run = findRun(call)
  if (run === undefined) return notFound()
  const shown = pendingOf(call, run).map((pending) =>
    presentPendingDeployment(call.world, call.repository, {
      ...pending,
      canApprove: canApprove(call, run, pending.environment),
    }),
  )
  return json(shown)
}

function listReviews(call: RepositoryCall): Answer {
  const run = findRun(call)
  if (run === undefined) return notFound()
  const shown = (run.reviews ?? []).map((each) =>
    presentReview(call.world, call.repository, {
      review: each,
      environments: environmentsById(call.repository, each.environmentIds),
    }),
  )
  return json(shown)
}

function review(call: RepositoryCall): Answer {
  const run = findRun(call)
  if (run === undefined) return notFound()
  const fields = readFields(call.body, { environment_ids: 'array', state: 'string', comment: 'string' })
  if (!fields.ok) return fields.answer
  const { environment_ids: ids, state, comment } = fields.value
  if (state !== 'approved' && state !== 'rejected') {
    return invalidRequest(`For 'properties/state', ${JSON.stringify(state)} is not possible.`)
  }
  const pending = pendingOf(call, run).filter(({ environment }) => ids.includes(environment.id))
  if (pending.length !== ids.length) return failure(422, 'No pending deployment requests to approve or reject')
  if (!pending.every(({ environment }) => canApprove(call, run, environment))) {
    return failure(422, `${requireActor(call).account.login} cannot approve or reject these deployments`)
  }
  const environments = pending.map(({ environment }) => environment)
  const answers = environments.map((environment) =>
    presentDeployment(call.world, call.repository, { run, environment }),
  )
  const environmentIds = environments.map(({ id }) => id)
  call.world.runs.review(run, { environmentIds, state, userId: requireActor(call).account.id, comment })
  return json(answers)
}
