import type { Check, CheckId } from '../../model/check.js'
import type { RepoName } from '../../model/repo-name.js'
import type { RepositoryRead, RepositoryReading } from '../../model/change.js'
import type { Read } from '../../ports/host/read.js'
import type { DoctorHost } from './doctor-host.js'
import { failureFinding, found, ok } from './findings.js'

/** The token is accepted, and whose it is. */
export function checkToken(login: Read<string | null>): Check {
  if (!login.ok) return found('token', failureFinding(login.failure))
  return ok(
    'token',
    login.value === null ? 'accepted; GitHub does not name its user' : `accepted; it is of ${login.value}`,
  )
}

/** The repository is there, under this name, and can be written to. */
export function checkRepository(reading: RepositoryReading): Check {
  const { repo } = reading
  if (reading.kind === 'unreadable') return found('repository', failureFinding(reading.failure), repo)
  const fix = 'Take its job out of the graph file, or'
  if (reading.isArchived) {
    const message = 'it is archived, so nothing can run or be merged in it'
    return found('repository', { status: 'failed', message, fix: `${fix} unarchive it in its settings.` }, repo)
  }
  if (reading.defaultBranchSha === null) {
    const message = 'it is empty'
    return found('repository', { status: 'failed', message, fix: `${fix} push a first commit to it.` }, repo)
  }
  return ok('repository', 'readable, not renamed, not archived', repo)
}

/** @param pulls the open pull requests */
export function checkPulls(repo: RepoName, pulls: Read<unknown>): Check {
  const id = 'pull-request-permission'
  return pulls.ok ? ok(id, 'the token may read pull requests', repo) : found(id, failureFinding(pulls.failure), repo)
}

/** What the token must be able to write. */
const permissions = {
  'status-permission': { act: 'post commit statuses', permission: 'Commit statuses: write' },
  'dispatch-permission': { act: 'dispatch workflows', permission: 'Actions: write' },
} as const satisfies Partial<Record<CheckId, { act: string; permission: string }>>

/**
 * What the token may write, by the answers of GitHub to requests that change nothing. Only a workflow of the default branch shows whether it
 * may be dispatched; a repository without one fails another check.
 */
export async function checkPermissions(host: DoctorHost, { repo, workflows }: RepositoryRead): Promise<Check[]> {
  const workflow = workflows.find(({ atDefaultBranch }) => atDefaultBranch !== null)?.workflow
  const [statuses, dispatch] = await Promise.all([
    host.mayPostStatuses(repo),
    workflow === undefined ? null : host.mayDispatch(repo, workflow),
  ])
  return [
    permission('status-permission', repo, statuses),
    ...(dispatch === null ? [] : [permission('dispatch-permission', repo, dispatch)]),
  ]
}

function permission(id: keyof typeof permissions, repo: RepoName, probe: Read<null>): Check {
  const { act, permission: name } = permissions[id]
  if (probe.ok) return ok(id, `the token may ${act}`, repo)
  // GitHub answers 404 to a person who may read the repository and not write to it.
  if (probe.failure.kind !== 'not-found') return found(id, failureFinding(probe.failure), repo)
  const fix = `Give the token ${name}, and its user write access to the repository.`
  return found(id, { status: 'failed', message: `this token may not ${act} here`, fix }, repo)
}
