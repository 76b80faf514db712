import type { DeploymentReview, Environment, PendingDeployment, Repository, WorkflowRun } from '../state/model.js'
import type { World } from '../world.js'
import { presentAccount } from './account.js'
import { inPath, nodeId, timestamp } from './common.js'
import { repositoryPage, repositoryUrl } from './repository.js'

function presentReviewers(world: World, { reviewerIds }: Environment): Record<string, unknown>[] {
  return reviewerIds.map((id) => ({
    type: 'User',
    reviewer: presentAccount(world, world.directory.accountById(id)),
  }))
}

function presentReference(world: World, repository: Repository, { id, name }: Environment): Record<string, unknown> {
  return {
    id,
    node_id: nodeId('Environment', id),
    name,
    url: `${repositoryUrl(world, repository)}/environments/${inPath(name)}`,
    html_url: `${repositoryPage(world, repository)}/deployments/activity_log?environments_filter=${encodeURIComponent(name)}`,
  }
}

/** `environment` of GitHub's OpenAPI description. */
export function presentEnvironment(
  world: World,
  repository: Repository,
  environment: Environment,
): Record<string, unknown> {
  const { id, waitTimer, preventSelfReview, createdAt, updatedAt } = environment
  const rule = (type: string, more: object): Record<string, unknown> => ({
    id,
    node_id: nodeId('Gate', `${id}:${type}`),
    type,
    ...more,
  })
  const reviewers = presentReviewers(world, environment)
  return {
    ...presentReference(world, repository, environment),
    created_at: timestamp(createdAt),
    updated_at: timestamp(updatedAt),
    can_admins_bypass: true,
    protection_rules: [
      ...(waitTimer > 0 ? [rule('wait_timer', { wait_timer: waitTimer })] : []),
      ...(reviewers.length > 0
        ? [rule('required_reviewers', { prevent_self_review: preventSelfReview, reviewers })]
        : []),
    ],
    deployment_branch_policy: null,
  }
}

/** `pending-deployment` of GitHub's OpenAPI description. */
export function presentPendingDeployment(
  world: World,
  repository: Repository,
  shown: { environment: Environment; pending: PendingDeployment; canApprove: boolean },
): Record<string, unknown> {
  const { environment, pending, canApprove } = shown
  return {
    environment: presentReference(world, repository, environment),
    wait_timer: environment.waitTimer,
    wait_timer_started_at: environment.waitTimer > 0 ? timestamp(pending.since) : null,
    current_user_can_approve: canApprove,
    reviewers: presentReviewers(world, environment),
  }
}

/** `environment-approvals` of GitHub's OpenAPI description: a review of deployments. */
export function presentReview(
  world: World,
  repository: Repository,
  { review, environments }: { review: DeploymentReview; environments: readonly Environment[] },
): Record<string, unknown> {
  return {
    environments: environments.map((environment) => ({
      ...presentReference(world, repository, environment),
      created_at: timestamp(environment.createdAt),
      updated_at: timestamp(environment.updatedAt),
    })),
    state: review.state,
    user: presentAccount(world, world.directory.accountById(review.userId)),
    comment: review.comment,
  }
}

/** `deployment` of GitHub's OpenAPI description: the answer to a review. */
export function presentDeployment(
  world: World,
  repository: Repository,
  { run, environment }: { run: WorkflowRun; environment: Environment },
): Record<string, unknown> {
  const id = environment.id
  const url = `${repositoryUrl(world, repository)}/deployments/${id}`
  const now = timestamp(world.clock.now())
  return {
    url,
    id,
    node_id: nodeId('Deployment', `${run.id}:${id}`),
    sha: run.headSha,
    ref: run.ref.replace(/^refs\/(?:heads|tags)\//, ''),
    task: 'deploy',
    payload: {},
    original_environment: environment.name,
    environment: environment.name,
    description: null,
    creator: presentAccount(world, world.directory.accountById(run.actorId)),
    created_at: now,
    updated_at: now,
    statuses_url: `${url}/statuses`,
    repository_url: repositoryUrl(world, repository),
    transient_environment: false,
    production_environment: false,
  }
}
