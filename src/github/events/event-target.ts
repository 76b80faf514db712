import type { WorkflowText } from '../../model/event-receiver.js'
import type { Failure } from '../../model/failure.js'
import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { field, flag, list, optional, text } from '../api/fields.js'
import { toRepository, toWorkflowState } from '../api/payload.js'
import { describePermission, needs, serviceNeeds } from '../api/permissions.js'
import { interpret, type Requests } from '../api/requests.js'
import type { ReadTokenLogin } from '../api/token-login.js'
import { readWorkflow } from '../change/workflow-files.js'
import { repoPath } from '../http/path.js'

/**
 * GET /repos/{owner}/{repo}: whether it can receive events. A renamed repository is a failure with its new name. A token may have fewer
 * permissions than its user, which only the sending shows.
 */
export async function checkEventTarget(
  requests: Requests,
  readTokenLogin: ReadTokenLogin,
  repo: RepoName,
): Promise<Read<{ defaultBranch: string }>> {
  const ask: Ask = { repo, need: serviceNeeds.sendEvents, thing: `the repository ${repo}`, path: repoPath(repo) }
  const read = interpret(ask, await requests.get(ask), (body) => ({
    ...toRepository(body),
    lacksPush: lacksPush(optional(body, 'permissions') ?? null),
  }))
  if (!read.ok) return { ok: false, failure: withNewName(read.failure) }
  const { isArchived, defaultBranch } = read.value
  if (isArchived) return { ok: false, failure: archived(repo) }
  if (!read.value.lacksPush) return { ok: true, value: { defaultBranch } }
  const login = await readTokenLogin(repo)
  if (!login.ok) return login
  // For an App's installation GitHub answers without `push`, whatever it may do.
  if (login.value === null || login.value.endsWith('[bot]')) return { ok: true, value: { defaultBranch } }
  return { ok: false, failure: readOnly(repo, login.value) }
}

/** Whether the answer says that the token's user may read and not write. */
function lacksPush(permissions: unknown): boolean {
  return permissions !== null && flag(permissions, 'pull') && !flag(permissions, 'push')
}

/** An event needs no graph file, where the name of a renamed repository is usually written. */
function withNewName(failure: Failure): Failure {
  return failure.kind === 'renamed' ? { ...failure, remedy: 'send the event to the new name' } : failure
}

function archived(repo: RepoName): Failure {
  const message = `the repository ${repo} is archived, so no workflow can run in it`
  return { kind: 'archived', message, remedy: 'unarchive it in its settings, or leave it out', repo }
}

function readOnly(repo: RepoName, login: string): Failure {
  const { permission, act } = serviceNeeds.sendEvents
  const message = `this token may not ${act} to ${repo}: ${login} may read it, but not write to it`
  const remedy = `use the token of somebody who may write to ${repo}; it needs ${describePermission(permission)}`
  return { kind: 'forbidden', message, remedy, repo, permission }
}

/** GET /repos/{owner}/{repo}/actions/workflows, then the file of each enabled one on the default branch. */
export async function readEnabledWorkflows(requests: Requests, repo: RepoName): Promise<Read<WorkflowText[]>> {
  const ask: Ask = {
    repo,
    need: needs.readRuns,
    thing: `the workflows of ${repo}`,
    path: repoPath(repo, 'actions', 'workflows'),
  }
  const listed = await requests.getPages(ask, (body) => list(field(body, 'workflows')).map(toListedWorkflow))
  if (!listed.ok) return listed
  const names = listed.value.flatMap(({ path, isEnabled }) => {
    // GitHub also lists workflows that have no file, such as those of Dependabot.
    const [, name] = /^\.github\/workflows\/([^/]+)$/u.exec(path) ?? []
    return isEnabled && name !== undefined ? [name] : []
  })
  const found: WorkflowText[] = []
  const unique = [...new Set(names)].sort()
  const reads = await Promise.all(unique.map((workflow) => readWorkflow(requests, repo, workflow, null)))
  for (const [index, read] of reads.entries()) {
    if (!read.ok) return read
    // A workflow of another branch that has run is listed as well.
    if (read.value !== null) found.push({ workflow: unique[index] ?? '', text: read.value })
  }
  return { ok: true, value: found }
}

function toListedWorkflow(payload: unknown): { path: string; isEnabled: boolean } {
  return { path: text(payload, 'path'), isEnabled: toWorkflowState(text(payload, 'state')) === 'active' }
}
