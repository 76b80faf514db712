import { runUrls } from './run.js'
import type { App } from '../state/app-model.js'
import type { CheckRun } from '../state/check-run.js'
import type { PullRequest, Repository, WorkflowJob, WorkflowRun } from '../state/model.js'
import type { World } from '../world.js'
import { presentAccount } from './account.js'
import { presentApp } from './app.js'
import { nodeId, timestamp } from './common.js'
import { repositoryPage, repositoryUrl } from './repository.js'

/** The ID of the App that runs workflows on github.com. */
export const ACTIONS_APP_ID = 15368

/** `check-run` of GitHub's OpenAPI description. */
export function presentCheckRun(
  world: World,
  repository: Repository,
  { app, run }: { app: App; run: CheckRun },
): Record<string, unknown> {
  const url = `${repositoryUrl(world, repository)}/check-runs/${run.id}`
  const { output } = run
  return {
    id: run.id,
    name: run.name,
    node_id: nodeId('CheckRun', run.id),
    head_sha: run.headSha,
    external_id: run.externalId ?? '',
    url,
    html_url: `${repositoryPage(world, repository)}/runs/${run.id}`,
    details_url: run.detailsUrl ?? app.externalUrl,
    status: run.status,
    conclusion: run.conclusion,
    started_at: timestamp(run.startedAt),
    completed_at: timestamp(run.completedAt),
    output: {
      title: output?.title ?? null,
      summary: output?.summary ?? null,
      text: output?.text ?? null,
      annotations_count: run.annotationsCount,
      annotations_url: `${url}/annotations`,
    },
    check_suite: { id: run.suiteId },
    app: presentApp(world, app),
    pull_requests: pullsOf(world, repository, run.headSha),
  }
}

/** A job of a workflow run as the check run that GitHub Actions keeps for it. */
export function presentJobAsCheckRun(
  world: World,
  repository: Repository,
  { run, job }: { run: WorkflowRun; job: WorkflowJob },
): Record<string, unknown> {
  const url = `${repositoryUrl(world, repository)}/check-runs/${job.id}`
  const page = `${runUrls(world, repository, run).page}/job/${job.id}`
  return {
    id: job.id,
    name: job.state.name,
    node_id: nodeId('CheckRun', job.id),
    head_sha: run.headSha,
    external_id: String(job.id),
    url,
    html_url: page,
    details_url: page,
    status: job.state.status,
    conclusion: job.state.conclusion,
    started_at: timestamp(job.state.startedAt ?? job.createdAt),
    completed_at: timestamp(job.state.completedAt),
    output: { title: null, summary: null, text: null, annotations_count: 0, annotations_url: `${url}/annotations` },
    check_suite: { id: run.id },
    app: presentActionsApp(world),
    pull_requests: pullsOf(world, repository, run.headSha),
  }
}

function presentActionsApp(world: World): Record<string, unknown> {
  const owner = { id: 9919, login: 'github', type: 'Organization' as const, createdAt: 0 }
  return {
    id: ACTIONS_APP_ID,
    slug: 'github-actions',
    node_id: nodeId('App', ACTIONS_APP_ID),
    owner: presentAccount(world, owner),
    name: 'GitHub Actions',
    description: 'Automate your workflow from idea to production',
    external_url: 'https://help.github.com/en/actions',
    html_url: `${world.webUrl()}/apps/github-actions`,
    created_at: timestamp(0),
    updated_at: timestamp(0),
    permissions: {},
    events: [],
  }
}

/** Returns the open pull requests of the repository itself with this head, as `pull-request-minimal` of GitHub's OpenAPI description. */
function pullsOf(world: World, repository: Repository, sha: string): Record<string, unknown>[] {
  const repo = { id: repository.id, url: repositoryUrl(world, repository), name: repository.name }
  const isHead = (pull: PullRequest): boolean =>
    pull.state === 'open' && pull.headSha === sha && pull.headRepositoryId === repository.id
  return [...repository.pulls.values()].filter(isHead).map((pull) => ({
    id: pull.id,
    number: pull.number,
    url: `${repo.url}/pulls/${pull.number}`,
    head: { ref: pull.headRef, sha: pull.headSha, repo },
    base: { ref: pull.baseRef, sha: pull.baseSha, repo },
  }))
}
