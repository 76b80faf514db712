import { findEnvironment, putEnvironment } from '../core/environments.js'
import type { EnvironmentRules } from '../core/environments.js'
import type { Answer, Result } from '../http/answer.js'
import { empty, found, invalidRequest, json, notFound, refuse } from '../http/answer.js'
import { isObject } from '../http/body.js'
import type { RepositoryCall, RepositoryRoute } from '../http/call.js'
import { permission } from '../http/call.js'
import { paged, pageOf, readPage } from '../http/pagination.js'
import { presentEnvironment } from '../present/environment.js'

const read = permission('actions', 'read')
const write = permission('administration', 'write')
const ENVIRONMENT = '/environments/{environment_name}'

/** GitHub's limits: six reviewers, and 30 days in minutes. */
const MAX_REVIEWERS = 6
const MAX_WAIT_TIMER = 43_200

/** Environments of repositories, with required reviewers (users) and wait timers. */
export const environmentRoutes: RepositoryRoute[] = [
  { method: 'GET', path: '/environments', permissions: [read], handle: listEnvironments },
  { method: 'GET', path: ENVIRONMENT, permissions: [read], handle: getEnvironment },
  { method: 'PUT', path: ENVIRONMENT, permissions: [write], handle: replaceEnvironment },
  { method: 'DELETE', path: ENVIRONMENT, permissions: [write], handle: deleteEnvironment },
]

function nameOf(call: RepositoryCall): string {
  return call.params.environment_name ?? ''
}

function listEnvironments(call: RepositoryCall): Answer {
  const { world, repository, query } = call
  const all = [...repository.environments.values()]
  const environments = pageOf(all, readPage(query)).map((each) => presentEnvironment(world, repository, each))
  return paged(call, all.length, { total_count: all.length, environments })
}

function getEnvironment(call: RepositoryCall): Answer {
  const environment = findEnvironment(call.repository, nameOf(call))
  return environment === undefined ? notFound() : json(presentEnvironment(call.world, call.repository, environment))
}

function replaceEnvironment(call: RepositoryCall): Answer {
  const rules = readRules(call)
  if (!rules.ok) return rules.answer
  const environment = putEnvironment(call.world, call.repository, nameOf(call), rules.value)
  return json(presentEnvironment(call.world, call.repository, environment))
}

function deleteEnvironment(call: RepositoryCall): Answer {
  if (!call.repository.environments.delete(nameOf(call).toLowerCase())) return notFound()
  call.world.changed(call.repository)
  return empty(204)
}

function readRules({ world, body }: RepositoryCall): Result<EnvironmentRules> {
  const { wait_timer: waitTimer = 0, prevent_self_review: preventSelfReview = false } = body
  if (typeof waitTimer !== 'number' || !Number.isInteger(waitTimer) || waitTimer < 0 || waitTimer > MAX_WAIT_TIMER) {
    return refuse(invalidRequest(`For 'properties/wait_timer', ${JSON.stringify(waitTimer)} is not possible.`))
  }
  if (typeof preventSelfReview !== 'boolean') {
    const problem = `For 'properties/prevent_self_review', ${JSON.stringify(preventSelfReview)} is not a boolean.`
    return refuse(invalidRequest(problem))
  }
  if (isObject(body.deployment_branch_policy)) {
    return refuse(invalidRequest('The sandbox does not know the deployment branch policies of GitHub.'))
  }
  const reviewers = Array.isArray(body.reviewers) ? body.reviewers : []
  if (reviewers.length > MAX_REVIEWERS) return refuse(invalidRequest(`No more than ${MAX_REVIEWERS} reviewers.`))
  const reviewerIds: number[] = []
  for (const reviewer of reviewers) {
    const id = isObject(reviewer) && reviewer.type === 'User' ? Number(reviewer.id) : NaN
    // The sandbox has no teams, so that a team is an unknown reviewer.
    if (world.directory.state.accounts.get(id)?.type !== 'User') {
      return refuse(invalidRequest(`For 'properties/reviewers', ${JSON.stringify(reviewer)} is not a user.`))
    }
    reviewerIds.push(id)
  }
  return found({ reviewerIds, waitTimer, preventSelfReview })
}
