import { branchNameOf, currentAttempt } from '../core/runs.js'
import type { GitCommit } from '../git/git-store.js'
import type { Repository, RunAttempt, Workflow, WorkflowJob, WorkflowRun } from '../state/model.js'
import type { World } from '../world.js'
import { presentAccount } from './account.js'
import { inPath, nodeId, timestamp } from './common.js'
import { presentMinimalRepository, repositoryPage, repositoryUrl } from './repository.js'

export function workflowNodeId(repository: Repository, workflow: Workflow): string {
  return nodeId('Workflow', `${repository.id}:${workflow.path}`)
}

/** `workflow` of GitHub's OpenAPI description. */
export function presentWorkflow(
  world: World,
  repository: Repository,
  workflow: Workflow,
  name: string,
): Record<string, unknown> {
  const page = repositoryPage(world, repository)
  const file = workflow.path.slice(workflow.path.lastIndexOf('/') + 1)
  return {
    id: workflow.id,
    node_id: workflowNodeId(repository, workflow),
    name,
    path: workflow.path,
    state: workflow.state,
    created_at: timestamp(workflow.createdAt),
    updated_at: timestamp(workflow.updatedAt),
    url: `${repositoryUrl(world, repository)}/actions/workflows/${workflow.id}`,
    html_url: `${page}/blob/${inPath(repository.defaultBranch)}/${inPath(workflow.path)}`,
    badge_url: `${page}/actions/workflows/${inPath(file)}/badge.svg`,
  }
}

/** The URLs of a workflow run. */
export function runUrls(world: World, repository: Repository, run: WorkflowRun): { url: string; page: string } {
  return {
    url: `${repositoryUrl(world, repository)}/actions/runs/${run.id}`,
    page: `${repositoryPage(world, repository)}/actions/runs/${run.id}`,
  }
}

/** `workflow-run` of GitHub's OpenAPI description, for one attempt. */
export function presentRun(
  world: World,
  repository: Repository,
  shown: { run: WorkflowRun; attempt: RunAttempt; commit: GitCommit },
): Record<string, unknown> {
  const { run, attempt, commit } = shown
  const { url, page } = runUrls(world, repository, run)
  const isCurrent = attempt === currentAttempt(run)
  const self = isCurrent ? url : `${url}/attempts/${attempt.number}`
  const minimal = presentMinimalRepository(world, repository)
  return {
    id: run.id,
    name: run.workflowName,
    node_id: nodeId('WorkflowRun', run.id),
    head_branch: branchNameOf(run) ?? run.ref.replace('refs/tags/', ''),
    head_sha: run.headSha,
    path: run.workflowPath,
    display_title: run.displayTitle,
    run_number: run.runNumber,
    event: run.event,
    status: attempt.status,
    conclusion: attempt.conclusion,
    workflow_id: run.workflowId,
    check_suite_id: run.id,
    check_suite_node_id: nodeId('CheckSuite', run.id),
    url: self,
    html_url: isCurrent ? page : `${page}/attempts/${attempt.number}`,
    pull_requests: [],
    created_at: timestamp(run.createdAt),
    updated_at: timestamp(attempt.updatedAt),
    actor: presentAccount(world, world.directory.accountById(run.actorId)),
    run_attempt: attempt.number,
    referenced_workflows: [],
    run_started_at: timestamp(attempt.startedAt),
    triggering_actor: presentAccount(world, world.directory.accountById(attempt.triggeringActorId)),
    jobs_url: `${self}/jobs`,
    logs_url: `${self}/logs`,
    check_suite_url: `${repositoryUrl(world, repository)}/check-suites/${run.id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: attempt.number > 1 ? `${url}/attempts/${attempt.number - 1}` : null,
    workflow_url: `${repositoryUrl(world, repository)}/actions/workflows/${run.workflowId}`,
    head_commit: presentHeadCommit(commit),
    repository: minimal,
    head_repository: minimal,
  }
}

/** `simple-commit` of GitHub's OpenAPI description. */
export function presentHeadCommit(commit: GitCommit): Record<string, unknown> {
  return {
    id: commit.sha,
    tree_id: commit.tree,
    message: commit.message.trimEnd(),
    timestamp: timestamp(commit.committer.time),
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  }
}

/** `job` of GitHub's OpenAPI description. */
export function presentJob(
  world: World,
  repository: Repository,
  shown: { run: WorkflowRun; attempt: RunAttempt; job: WorkflowJob },
): Record<string, unknown> {
  const { run, attempt, job } = shown
  const { url, page } = runUrls(world, repository, run)
  const { state } = job
  return {
    id: job.id,
    run_id: run.id,
    workflow_name: run.workflowName,
    head_branch: branchNameOf(run) ?? run.ref.replace('refs/tags/', ''),
    run_url: url,
    run_attempt: attempt.number,
    node_id: nodeId('CheckRun', job.id),
    head_sha: run.headSha,
    url: `${repositoryUrl(world, repository)}/actions/jobs/${job.id}`,
    html_url: `${page}/job/${job.id}`,
    status: state.status,
    conclusion: state.conclusion,
    created_at: timestamp(job.createdAt),
    // GitHub gives the creation time as the start of a job that has not started.
    started_at: timestamp(state.startedAt ?? job.createdAt),
    completed_at: timestamp(state.completedAt),
    name: state.name,
    steps: state.steps.map((step) => ({
      name: step.name,
      status: step.status,
      conclusion: step.conclusion,
      number: step.number,
      started_at: timestamp(step.startedAt),
      completed_at: timestamp(step.completedAt),
    })),
    check_run_url: `${repositoryUrl(world, repository)}/check-runs/${job.id}`,
    labels: [],
    runner_id: state.startedAt === null ? null : 1,
    runner_name: state.startedAt === null ? null : 'sandbox',
    runner_group_id: state.startedAt === null ? null : 1,
    runner_group_name: state.startedAt === null ? null : 'Default',
  }
}
