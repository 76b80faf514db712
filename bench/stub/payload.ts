import { branch, login, shaOf, textOf, timeText, workflowName } from './world.js'
import type { CommitStatus, Repository, Run, World } from './world.js'

/** Bodies of the REST answers, limited to the fields that clients read. */
const server = 'https://github.com'

export const user = { login, id: 1, node_id: 'U_1', type: 'User', html_url: `${server}/${login}` }

export function fullName({ owner, name }: Repository): string {
  return `${owner}/${name}`
}

export function repositoryUrl(repository: Repository): string {
  return `${server}/${fullName(repository)}`
}

export function repositoryPayload(repository: Repository): object {
  return {
    id: repository.id,
    node_id: `R_${repository.id}`,
    name: repository.name,
    full_name: fullName(repository),
    owner: { login: repository.owner, id: 2, type: 'Organization' },
    html_url: repositoryUrl(repository),
    private: false,
    fork: false,
    archived: false,
    disabled: false,
    default_branch: 'main',
    permissions: { admin: false, maintain: false, push: true, triage: true, pull: true },
  }
}

export function refPayload(ref: string, sha: string): object {
  return { ref: `refs/heads/${ref}`, node_id: `REF_${sha}`, object: { type: 'commit', sha } }
}

export function branchPayload(name: string, sha: string): object {
  return { name, commit: { sha }, protected: false }
}

export function commitPayload(sha: string): object {
  return { sha, node_id: `C_${sha}`, commit: { message: 'a commit', tree: { sha: shaOf(`tree of ${sha}`) } } }
}

export function pullPayload(repository: Repository): object {
  const repo = { id: repository.id, full_name: fullName(repository) }
  return {
    id: repository.id * 10,
    node_id: `PR_${repository.id}`,
    number: repository.pullNumber,
    html_url: `${repositoryUrl(repository)}/pull/${repository.pullNumber}`,
    state: 'open',
    title: `${branch}: change ${repository.name}`,
    draft: false,
    merged: false,
    mergeable: true,
    user,
    head: { ref: branch, sha: repository.headSha, repo },
    base: { ref: 'main', sha: repository.mainSha, repo },
    created_at: '2026-01-02T03:04:05Z',
    updated_at: '2026-01-02T03:04:05Z',
  }
}

export function statusPayload(status: CommitStatus): object {
  return {
    id: status.id,
    node_id: `SC_${status.id}`,
    state: status.state,
    context: status.context,
    description: status.description,
    target_url: status.targetUrl,
    created_at: timeText(status.createdAt),
    updated_at: timeText(status.createdAt),
    creator: user,
  }
}

export function runUrl(run: Run): string {
  return `${repositoryUrl(run.repository)}/actions/runs/${run.id}`
}

export function runPayload(world: World, run: Run): object {
  const { status, conclusion, updatedAt } = world.stateOf(run)
  return {
    id: run.id,
    node_id: `WFR_${run.id}`,
    check_suite_id: run.id + 1,
    check_suite_node_id: `CS_${run.id}`,
    name: 'build',
    display_title: 'build',
    head_branch: run.branch,
    head_sha: run.headSha,
    path: `.github/workflows/${run.workflow}`,
    run_number: 1,
    run_attempt: 1,
    event: 'workflow_dispatch',
    status,
    conclusion,
    workflow_id: run.repository.id,
    html_url: runUrl(run),
    url: runApiUrl(run),
    created_at: timeText(run.createdAt),
    run_started_at: timeText(run.createdAt),
    updated_at: timeText(updatedAt),
    actor: user,
    triggering_actor: user,
  }
}

export function runApiUrl(run: Run): string {
  return `https://api.github.com/repos/${fullName(run.repository)}/actions/runs/${run.id}`
}

export function workflowJobPayload(world: World, run: Run): object {
  const { status, conclusion } = world.stateOf(run)
  return {
    id: run.id + 1,
    run_id: run.id,
    name: 'build',
    status,
    conclusion,
    started_at: timeText(run.startsAt),
    completed_at: status === 'completed' ? timeText(run.endsAt) : null,
    html_url: `${runUrl(run)}/job/${run.id + 1}`,
    steps: [],
  }
}

export function workflowPayload(repository: Repository): object {
  return {
    id: repository.id,
    node_id: `W_${repository.id}`,
    name: 'build',
    path: `.github/workflows/${workflowName}`,
    state: 'active',
    html_url: `${repositoryUrl(repository)}/blob/main/.github/workflows/${workflowName}`,
  }
}

/** Returns the body of `GET …/contents/{path}`; null if there is no such file. */
export function filePayload(path: string): object | null {
  const text = textOf(path)
  if (text === null) return null
  const content = Buffer.from(text).toString('base64')
  return { type: 'file', path, name: path.split('/').at(-1), sha: shaOf(text), encoding: 'base64', content }
}
