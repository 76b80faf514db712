import type { RepoName } from '../../model/repo-name.js'
import type { CheckRunContent, NewCheckRun } from '../../ports/host/checks.js'
import type { Read } from '../../ports/host/read.js'
import type { Ask } from '../api/ask.js'
import { count } from '../api/fields.js'
import { serviceNeeds } from '../api/permissions.js'
import { interpret, type Requests } from '../api/requests.js'
import { repoPath } from '../http/path.js'

/** POST /repos/{owner}/{repo}/check-runs */
export async function createCheckRun(requests: Requests, run: NewCheckRun): Promise<Read<{ id: number }>> {
  const { repo, headSha, name, externalId, detailsUrl } = run
  const ask: Ask = {
    repo,
    need: serviceNeeds.writeChecks,
    thing: `commit ${headSha} of ${repo}`,
    path: repoPath(repo, 'check-runs'),
    parameters: {
      name,
      head_sha: headSha,
      external_id: externalId,
      ...(detailsUrl === '' ? {} : { details_url: detailsUrl }),
      ...bodyOf(run),
    },
  }
  const answer = await requests.post(ask, { lane: 'job-status', repeat: 'limits' })
  return interpret(ask, answer, (body) => ({ id: count(body, 'id') }))
}

/** PATCH /repos/{owner}/{repo}/check-runs/{check_run_id} */
export async function updateCheckRun(
  requests: Requests,
  run: CheckRunContent & { repo: RepoName; id: number },
): Promise<Read<null>> {
  const { repo, id } = run
  const path = repoPath(repo, 'check-runs', id)
  const ask: Ask = {
    repo,
    need: serviceNeeds.writeChecks,
    thing: `check run ${id} of ${repo}`,
    path,
    parameters: bodyOf(run),
  }
  return interpret(ask, await requests.patch(ask, { lane: 'job-status', repeat: 'failures' }), () => null)
}

function bodyOf({ conclusion, title, summary, text }: CheckRunContent): Record<string, unknown> {
  const output = { title, summary, ...(text === '' ? {} : { text }) }
  return conclusion === null ? { status: 'in_progress', output } : { status: 'completed', conclusion, output }
}
