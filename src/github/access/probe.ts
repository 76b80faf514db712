import type { RepoName } from '../../model/repo-name.js'
import type { Read } from '../../ports/host/read.js'
import type { Answer, Ask } from '../api/ask.js'
import { unexpectedAnswer } from '../api/classify.js'
import { count } from '../api/fields.js'
import { needs, serviceNeeds } from '../api/permissions.js'
import { interpret, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/** Git reserves it for "no object". */
const absentSha = '0'.repeat(40)
/** Git allows no two dots in the name of a branch. */
const absentRef = 'orch..doctor'

/** POST /repos/{owner}/{repo}/statuses/{sha}: 422 "No commit found for SHA" proves the permission, and nothing is written. */
export async function probeStatuses(requests: Requests, repo: RepoName): Promise<Read<null>> {
  const ask: Ask = {
    repo,
    need: needs.postStatus,
    thing: `the commit statuses of ${repo}`,
    isPlural: true,
    path: repoPath(repo, 'statuses', absentSha),
    parameters: { state: 'pending', context: 'orch-doctor' },
  }
  return toProbe(ask, await requests.post(ask, { lane: 'status', repeat: 'limits' }))
}

/** POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches: 422 "No ref found" proves the permission, and nothing is started. */
export async function probeDispatch(requests: Requests, repo: RepoName, workflow: string): Promise<Read<null>> {
  const ask: Ask = {
    repo,
    need: needs.dispatchWorkflow,
    thing: `workflow ${workflow} on the default branch of ${repo}`,
    path: repoPath(repo, 'actions', 'workflows', workflow, 'dispatches'),
    parameters: { ref: absentRef },
  }
  return toProbe(ask, await requests.post(ask, { lane: 'dispatch', repeat: 'limits' }))
}

function toProbe(ask: Ask, answer: Answer): Read<null> {
  if (answer.ok) return { ok: false, failure: unexpectedAnswer(ask, 'it did not refuse the probe', answer.status) }
  const isPermitted = answer.failure.httpStatus === 422 && answer.failure.kind === 'invalid-request'
  return isPermitted ? { ok: true, value: null } : { ok: false, failure: answer.failure }
}

/** GET /apps/{app_slug}, which needs no permission. */
export async function readAppId(requests: Requests, repo: RepoName, slug: string): Promise<Read<number>> {
  const thing = `the GitHub App ${slug}`
  const ask: Ask = { repo, need: serviceNeeds.readApp, thing, path: `/apps/${encodeURIComponent(slug)}` }
  return interpret(ask, await requests.get(ask), (body) => count(body, 'id'))
}
